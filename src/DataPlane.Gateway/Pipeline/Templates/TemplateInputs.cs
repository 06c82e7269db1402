using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>What templates may refer to, taken from an exchange.</summary>
public static class TemplateInputs
{
    /// <summary>
    /// The bytes written, or false when the destination must grow. A refused value is a hole in our parsers: it throws.
    /// </summary>
    public static bool Fits(int rendered) => rendered switch
    {
        >= 0 => true,
        CompiledTemplate.DoesNotFit => false,
        _ => throw new InvalidOperationException("A value of the request may not stand in this template."),
    };

    public static TemplateInput Of(Exchange exchange) => new()
    {
        Match = exchange.Match,
        Path = exchange.CanonicalPath,
        RequestId = exchange.RequestId,
        ClientAddress = exchange.Client.Utf8,
        Host = exchange.Host,
        Query = exchange.Request.QueryRange.Of(exchange.HeadBytes),
    };
}
