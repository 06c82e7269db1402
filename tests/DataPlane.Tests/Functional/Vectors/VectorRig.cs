using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Http;
using DataPlane.Tools.Upstreams;

namespace DataPlane.Tests.Functional.Vectors;

/// <summary>A gateway in front of a strict upstream, and a judge of what each vector got.</summary>
internal sealed class VectorRig : IAsyncDisposable
{
    private readonly StrictUpstream _upstream = StrictUpstream.Start();
    private readonly List<string> _failures = [];
    private TestGateway _gateway = null!;

    /// <summary>Whole requests the upstream received.</summary>
    public IReadOnlyList<byte[]> Received => _upstream.Requests;

    public static async Task<VectorRig> StartAsync(Wire wire)
    {
        var rig = new VectorRig();
        string routes =
            $$"""
            upstreams: { up: { endpoints: [ { url: "{{rig._upstream.Url}}" } ] } }
            routes:
              - { match: { path: "/" }, to: { upstream: up } }
              - { match: { path: "/{path+}" }, to: { upstream: up } }
            """;
        rig._gateway = await TestGateway.StartAsync(wire, routes);
        return rig;
    }

    /// <summary>
    /// Sends a vector and then FIN. The answers must be whole, the last one among the <paramref name="allowed"/>; a
    /// vector that is not a whole request may end without an answer.
    /// </summary>
    public async Task ExpectAsync(string name, byte[] vector, int[] allowed)
    {
        await using var client = await _gateway.ConnectAsync();
        try
        {
            await client.SendAsync(vector);
            await client.HalfCloseAsync();
        }
        catch (IOException)
        {
            // Refused and closed while the rest was still being sent.
        }
        string all = await client.ReadToEndAsync();
        bool toHead = Latin1.Text(vector).StartsWith("HEAD ", StringComparison.Ordinal);
        int[]? statuses = StrictResponses.Statuses(all, toHead);
        bool isIncomplete = statuses is { Length: 0 } && allowed.Length > 1;
        if (isIncomplete || (statuses is { Length: > 0 } && allowed.Contains(statuses[^1]))) return;
        _failures.Add($"{name}: {all}");
    }

    public async ValueTask DisposeAsync()
    {
        // Its own check: nothing left behind, nothing logged.
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        Assert.Empty(_failures);
        Assert.Empty(_upstream.Violations);
    }
}
