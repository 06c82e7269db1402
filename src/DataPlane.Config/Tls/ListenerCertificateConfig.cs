using System.Collections.Immutable;

namespace DataPlane.Config.Tls;

/// <summary>
/// One certificate of a listener and the names it is shown for, in lower case: exact, <c>*.example.com</c>, or <c>*</c>
/// for everybody else.
/// </summary>
public sealed record ListenerCertificateConfig(ImmutableArray<string> Hosts, CertificateChain Chain);
