using DataPlane.Config;
using DataPlane.Lambda.Remote;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// What a hosted function calls AWS with: by default words that are worth nothing, as emulators give them, so that SDKs
/// neither complain nor ask the machine for a role of its own. Function's loop.
/// </summary>
internal sealed class FunctionCredentials(CredentialsConfig? config, CredentialSource? source)
{
    /// <summary>Not secret. Services on this machine take them; AWS refuses them.</summary>
    private static readonly SigningCredentials s_placeholder = new("defaultkey", "defaultsecret", "defaulttoken");

    private SigningCredentials? _given;

    /// <summary>Null for a function without.</summary>
    public ValueTask<SigningCredentials?> GetAsync() => config is null
        ? new(s_placeholder)
        : source?.GetAsync() ?? new(result: null);

    /// <summary>An environment has been started with these.</summary>
    public void Gave(SigningCredentials? credentials) => _given = credentials ?? _given;

    /// <summary>There are newer ones than those given: what was started with the old ones is to be replaced.</summary>
    public bool HaveChanged()
    {
        if (source is null || _given is null) return false;
        var current = source.GetAsync();
        // Whoever has to look for them tells at the next call.
        return current is { IsCompletedSuccessfully: true, Result: { } newest } && newest != _given;
    }
}
