using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using DataPlane.Config;
using DataPlane.Lambda.Signing;
using Microsoft.Extensions.Logging;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// Where the credentials come from that requests are signed with. Those of AWS's chain (environment, profiles, web
/// identity, containers, instances) are looked for on the thread pool, so that no loop waits for a file or another
/// machine: an exchange waits for the first ones only, and newer ones take their place while the old are still good.
/// Any thread; 0 bytes while they are fresh.
/// </summary>
internal sealed class CredentialSource
{
    /// <summary>How often the chain is asked: it has newer ones five minutes before the old ones end.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);

    /// <summary>When nobody had any, others are not made to wait for the same answer.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly Func<Task<ImmutableCredentials>>? _find;
    private readonly TimeProvider _time;
    private readonly Func<ILogger> _logger;
    private readonly Lock _lock = new();
    private SigningCredentials? _current;
    private Task<SigningCredentials?>? _search;
    private long _dueTimestamp;

    public CredentialSource(CredentialsConfig config, TimeProvider time, Func<ILogger> logger)
        : this(FinderOf(config), time, logger)
    {
        if (config.AccessKey is not { } accessKey) return;
        _current = new SigningCredentials(accessKey, config.SecretKey!, config.SessionToken);
        _dueTimestamp = long.MaxValue;
    }

    internal CredentialSource(Func<Task<ImmutableCredentials>>? find, TimeProvider time, Func<ILogger> logger)
    {
        _find = find;
        _time = time;
        _logger = logger;
    }

    /// <summary>Null when nobody has any; the log says why.</summary>
    public ValueTask<SigningCredentials?> GetAsync()
    {
        var current = Volatile.Read(ref _current);
        if (_time.GetTimestamp() < Volatile.Read(ref _dueTimestamp)) return new(current);
        var search = Search();
        return current is null ? new(search) : new(current);
    }

    /// <summary>The service did not take them: the next request has them looked for again.</summary>
    public void Distrust()
    {
        if (_find is not null) Volatile.Write(ref _dueTimestamp, 0);
    }

    private Task<SigningCredentials?> Search()
    {
        lock (_lock)
        {
            if (_search is { IsCompleted: false }) return _search;
            return _search = Task.Run(FindAsync);
        }
    }

    private async Task<SigningCredentials?> FindAsync()
    {
        var wait = s_pause;
        try
        {
            var found = await _find!();
            var credentials = new SigningCredentials(
                found.AccessKey, found.SecretKey, string.IsNullOrEmpty(found.Token) ? null : found.Token);
            // The same ones stay the same object: keys were made of it.
            if (credentials != Volatile.Read(ref _current)) Volatile.Write(ref _current, credentials);
            wait = s_fresh;
        }
        catch (Exception failure)
        {
            // Whatever the chain runs into, the old ones may still be good.
            RemoteMessages.NoCredentials(_logger(), failure.Message);
        }
        Volatile.Write(
            ref _dueTimestamp,
            _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency));
        return Volatile.Read(ref _current);
    }

    private static Func<Task<ImmutableCredentials>>? FinderOf(CredentialsConfig config)
    {
        if (config.AccessKey is not null) return null;
        if (config.Profile is not { } profile)
            return static () => DefaultAWSCredentialsIdentityResolver.GetCredentials(null).GetCredentialsAsync();
        return () => new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials)
            ? credentials.GetCredentialsAsync()
            : throw new AmazonClientException($"There is no profile {profile} with credentials.");
    }
}
