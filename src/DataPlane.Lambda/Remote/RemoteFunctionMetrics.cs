using DataPlane.Gateway.Recording;

namespace DataPlane.Lambda.Remote;

/// <summary>The counters of functions elsewhere. One scrape at a time; 0 bytes for names seen before.</summary>
public sealed class RemoteFunctionMetrics(RemoteFunctions functions) : IMetricSource
{
    private static readonly (RemoteResult Result, byte[] Label)[] s_results =
    [
        (RemoteResult.Answered, MetricLabel.Render("result", "answered")),
        (RemoteResult.FunctionError, MetricLabel.Render("result", "function_error")),
        (RemoteResult.Throttled, MetricLabel.Render("result", "throttled")),
        (RemoteResult.Refused, MetricLabel.Render("result", "refused")),
        (RemoteResult.Failed, MetricLabel.Render("result", "failed")),
    ];

    private readonly LabelCache _function = new("function");

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_remote_function_invocations"u8, MetricKind.Counter,
            "Invocations of functions in AWS or behind another Invoke API, by how they ended."u8);
        foreach (var each in functions.Current.Values)
        {
            foreach (var (result, label) in s_results)
            {
                text.Sample(each.Counted(result), _function.Of(each.Name), label);
            }
        }
    }
}
