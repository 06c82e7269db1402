using Amazon.Runtime;
using DataPlane.Config;
using DataPlane.Lambda.Remote;
using DataPlane.Tests.Functional.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Tests.Lambda.Remote;

/// <summary>When the chain is asked for credentials, and who waits for it.</summary>
public sealed class CredentialSourceTests
{
    [Fact]
    public async Task WrittenCredentials_AreThereAtOnce()
    {
        var config = new CredentialsConfig { AccessKey = "a", SecretKey = "b", SessionToken = "c" };
        var source = new CredentialSource(config, TimeProvider.System, () => NullLogger.Instance);
        source.Distrust();
        var credentials = source.GetAsync();
        Assert.True(credentials.IsCompletedSuccessfully);
        Assert.Equal(("a", "b", "c"), ((await credentials)!.AccessKey, (await credentials)!.SecretKey,
            (await credentials)!.Token));
    }

    [Fact]
    public async Task EqualCredentials_StayTheSameObject_AndFailureKeepsThem()
    {
        int asked = 0;
        bool fails = false;
        var source = new CredentialSource(
            () =>
            {
                asked++;
                return fails
                    ? throw new AmazonClientException("no")
                    : Task.FromResult(new ImmutableCredentials("a", "b", token: null));
            },
            TimeProvider.System, () => NullLogger.Instance);
        var first = await source.GetAsync();
        Assert.Same(first, await source.GetAsync());
        Assert.Equal(1, asked);
        fails = true;
        source.Distrust();
        Assert.Same(first, await source.GetAsync());
        await Eventually.HoldsAsync(() => Volatile.Read(ref asked) == 2, "the chain is asked again");
        Assert.Same(first, await source.GetAsync());
    }

    [Fact]
    public async Task NoCredentials_AreNotLookedForByEveryRequest()
    {
        int asked = 0;
        var source = new CredentialSource(
            () =>
            {
                asked++;
                throw new AmazonClientException("no");
            },
            TimeProvider.System, () => NullLogger.Instance);
        Assert.Null(await source.GetAsync());
        Assert.Null(await source.GetAsync());
        Assert.Equal(1, asked);
    }
}
