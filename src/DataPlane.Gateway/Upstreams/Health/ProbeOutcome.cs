using System.Globalization;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>What one check found, and why, for people.</summary>
public readonly record struct ProbeOutcome(CheckResult Result, string Reason)
{
    public static ProbeOutcome TimedOut(TimeSpan timeout)
    {
        string seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return new ProbeOutcome(CheckResult.TimedOut, $"no answer within {seconds} s");
    }
}
