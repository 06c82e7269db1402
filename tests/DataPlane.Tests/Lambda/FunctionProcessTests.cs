using System.Globalization;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Hosting;
using DataPlane.Tests.Transport;

namespace DataPlane.Tests.Lambda;

/// <summary>Functions of a gateway that is a process of its own.</summary>
public sealed class FunctionProcessTests
{
    [LinuxTheory]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task GatewayThatEnds_LeavesNoFunctionBehind(string signal)
    {
        int port = GatewayProcess.FreePort();
        await using var folder = new FunctionFolder().Node(
            """
            export const handler = async (event) => {
              if (event.rawPath === '/hang') for (;;) {}
              return { statusCode: 200, body: `${process.pid}` };
            };
            """);
        folder.File(
            "gateway.yaml",
            $$"""
            listeners: [ { name: public, address: "127.0.0.1:{{port}}" } ]
            admin: { address: "127.0.0.1:{{GatewayProcess.FreePort()}}" }
            limits: { drainGrace: 0s, drainTimeout: 1s }
            {{folder.Yaml("nodejs20.x", more: "timeout: 60s")}}
            """);
        await using var gateway = GatewayProcess.Start($"run --config '{folder.Path}/gateway.yaml'");
        await gateway.SaysAsync("admin on");
        using var http = new HttpClient { Timeout = Eventually.Patience };
        int pid = int.Parse(
            await http.GetStringAsync($"http://127.0.0.1:{port}/pid"), CultureInfo.InvariantCulture);
        Assert.True(GatewayProcess.IsAlive(pid));
        // It does not look at its socket any more: only the kernel can end it.
        var hung = http.GetAsync($"http://127.0.0.1:{port}/hang");
        await Eventually.HoldsAsync(() => StateOf(pid) == 'R', "the function to spin");
        await gateway.SignalAsync(signal);
        await Eventually.HoldsAsync(() => StateOf(pid) is 'Z' or ' ', "the end of the function");
        await Task.WhenAny(hung);
    }

    /// <summary>As proc(5) has it; a blank when there is no such process.</summary>
    private static char StateOf(int pid)
    {
        try
        {
            return ProcStat.Field(pid, ProcStat.State)[0];
        }
        catch (IOException)
        {
            return ' ';
        }
    }
}
