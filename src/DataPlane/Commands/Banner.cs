using System.Text;
using DataPlane.Config;
using DataPlane.Demo;

namespace DataPlane.Commands;

/// <summary>What the gateway prints once it serves.</summary>
internal static class Banner
{
    public static string Of(GatewayConfig config, DemoFunctions? demo)
    {
        var text = new StringBuilder();
        foreach (var listener in config.Listeners)
        {
            text.AppendLine($"dataplane: listener {listener.Name} serves on {listener.Address}");
        }
        text.Append($"dataplane: admin on {config.Admin.Address} (/metrics, /routes, /readyz)");
        if (demo is null || config.Listeners[0].Address.EndPoint is not { } address) return text.ToString();
        text.AppendLine().AppendLine("dataplane: this is the demo; try");
        text.AppendLine($"  curl -i http://{address}/ping");
        text.AppendLine($"  curl -i http://{address}/hello/ada");
        text.AppendLine($"  curl -i http://{address}/nowhere");
        foreach (string name in demo.Names) text.AppendLine($"  curl -i http://{address}/{name}/ada");
        if (demo.Names.Count > 0) text.AppendLine($"dataplane: functions are in {demo.Folder}");
        text.AppendLine($"dataplane: and then http://{config.Admin.Address}/metrics");
        text.Append("dataplane: your own gateway: dataplane run --config FILE");
        return text.ToString();
    }
}
