using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Headers;

namespace DataPlane.Tests.Pipeline;

/// <summary>Which known fields of a request do not reach its upstream, for every configuration.</summary>
public sealed class DroppedFieldsTests
{
    [Fact]
    public void DroppedFields_FollowTheConfiguration()
    {
        foreach (var headers in Enum.GetValues<ForwardedHeaders>())
        {
            for (int bits = 0; bits < 8; bits++)
            {
                bool isTrusted = (bits & 1) != 0;
                var config = new ForwardingConfig
                {
                    Headers = headers,
                    RequestId = (bits & 2) != 0,
                    TraceContext = (bits & 4) != 0,
                };
                var dropped = new ForwardingSettings(config).DroppedFields(isTrusted);
                foreach (var known in Enum.GetValues<KnownHeader>())
                    Assert.Equal((known, !IsKept(known, config, isTrusted)), (known, dropped.Has(known)));
            }
        }
    }

    private static bool IsKept(KnownHeader known, ForwardingConfig config, bool isTrusted) => known switch
    {
        KnownHeader.Host or KnownHeader.ContentLength or KnownHeader.Expect or KnownHeader.ForwardedAlias => false,
        KnownHeader.XForwardedFor or KnownHeader.XForwardedProto or KnownHeader.XForwardedHost
            or KnownHeader.XForwardedPort =>
            isTrusted && config.Headers is not (ForwardedHeaders.XForwarded or ForwardedHeaders.Both),
        KnownHeader.Forwarded =>
            isTrusted && config.Headers is not (ForwardedHeaders.Forwarded or ForwardedHeaders.Both),
        KnownHeader.XRealIp => isTrusted,
        KnownHeader.XRequestId => !config.RequestId,
        KnownHeader.TraceParent or KnownHeader.TraceState => !config.TraceContext,
        _ => true,
    };
}
