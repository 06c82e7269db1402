using System.Globalization;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>What an endpoint has to answer to be good, over whichever protocol it is asked. Immutable; cold.</summary>
internal sealed class ExpectedAnswer(ActiveHealthConfig config)
{
    private readonly byte[]? _text = config.ExpectedText is null ? null : Encoding.UTF8.GetBytes(config.ExpectedText);

    public ProbeOutcome Judge(int statusCode, ReadOnlySpan<byte> body)
    {
        string status = statusCode.ToString(CultureInfo.InvariantCulture);
        if (!config.ExpectedStatuses.Any(range => statusCode >= range.First && statusCode <= range.Last))
            return new ProbeOutcome(CheckResult.UnexpectedStatus, $"it answered with status {status}");
        return _text is null || body.IndexOf(_text) >= 0
            ? new ProbeOutcome(CheckResult.Success, $"it answered with status {status}")
            : new ProbeOutcome(CheckResult.UnexpectedBody, "its answer lacks the expected text");
    }
}
