using System.Globalization;
using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>INIT_START, INIT_REPORT, START, END and REPORT, as Lambda writes them.</summary>
internal sealed class TextPlatformLog(int memoryMiB, RuntimeVersion runtime) : PlatformLog
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    public override bool TellsTime => false;

    public override void Append(StringBuilder text, in FunctionLogEntry entry)
    {
        switch (entry.Kind)
        {
            case FunctionLogKind.InitStart:
                text.Append(s_culture,
                    $"INIT_START Runtime Version: {runtime.Name}\tRuntime Version ARN: {runtime.Arn}\n");
                break;
            case FunctionLogKind.InitReport:
                text.Append(s_culture, $"INIT_REPORT Init Duration: {entry.InitMs:F2} ms\tPhase: init\t");
                AppendStatus(text, entry);
                text.Append('\n');
                break;
            case FunctionLogKind.Start:
                text.Append(s_culture, $"START RequestId: {entry.Invocation} Version: $LATEST\n");
                break;
            default:
                AppendReport(text, entry);
                break;
        }
    }

    private void AppendReport(StringBuilder text, in FunctionLogEntry entry)
    {
        int billed = (int)Math.Ceiling(entry.RunMs);
        text.Append(s_culture, $"END RequestId: {entry.Invocation}\n");
        text.Append(s_culture,
            $"REPORT RequestId: {entry.Invocation}\tDuration: {entry.RunMs:F2} ms\tBilled Duration: {billed} ms\t");
        text.Append(s_culture, $"Memory Size: {memoryMiB} MB\tMax Memory Used: {entry.MemoryMiB} MB\t");
        if (entry.InitMs > 0) text.Append(s_culture, $"Init Duration: {entry.InitMs:F2} ms\t");
        AppendStatus(text, entry);
        text.Append('\n');
    }

    /// <summary>Nothing for what the function said itself.</summary>
    private static void AppendStatus(StringBuilder text, in FunctionLogEntry entry)
    {
        if (entry.Outcome == InvocationOutcome.TimedOut) text.Append("Status: timeout");
        else if (entry.Outcome == InvocationOutcome.Exited || entry.Kind == FunctionLogKind.InitReport)
            text.Append("Status: error\tError Type: ").Append(entry.Text);
    }
}
