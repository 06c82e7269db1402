using System.Text;
using DataPlane.Config;
using DataPlane.Lambda.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Lambda.Invoke;

/// <summary>Who may invoke by a signature: holders of the configuration's access keys. Any thread.</summary>
internal sealed class InvokeAccess(InvokeApiConfig config, TimeProvider time)
{
    private static readonly InvokeRefusal s_missing =
        new("MissingAuthenticationTokenException", "Missing Authentication Token");

    private static readonly InvokeRefusal s_incomplete = new(
        "IncompleteSignatureException", "The request signature does not conform to AWS standards.");

    private static readonly InvokeRefusal s_unknownKey = new(
        "UnrecognizedClientException", "The security token included in the request is invalid.");

    private static readonly InvokeRefusal s_mismatch = new(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
            + "Key and signing method. Consult the service documentation for details.");

    private static readonly InvokeRefusal s_scope = new(
        "InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'.");

    private readonly SignatureVerifier _verifier = new(
        config.AccessKeys.Select(each => new SigningCredentials(each.Id, each.Secret)), "lambda", time);

    public static bool IsSigned(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("AWS4-", StringComparison.Ordinal)
        || request.Query.ContainsKey("X-Amz-Algorithm");

    public bool IsOf(InvokeApiConfig other) => ReferenceEquals(config, other);

    /// <summary>Null when the request was signed by somebody who may.</summary>
    public InvokeRefusal? Refusal(HttpContext context, ReadOnlySpan<byte> body)
    {
        var request = context.Request;
        var verdict = SignatureClaim.TryRead(
            request.Headers.Authorization, request.Headers["X-Amz-Date"],
            name => request.Query.TryGetValue(name, out var value) ? value.ToString() : null, out var claim);
        if (claim is not null) verdict = Verify(context, claim, body);
        return verdict switch
        {
            SignatureVerdict.Valid => null,
            SignatureVerdict.Missing => s_missing,
            SignatureVerdict.UnknownKey => s_unknownKey,
            SignatureVerdict.WrongTime => new(
                "InvalidSignatureException", $"Signature expired: {claim!.Time} is not within five minutes of now."),
            SignatureVerdict.WrongScope => s_scope,
            SignatureVerdict.Mismatch => s_mismatch,
            _ => s_incomplete,
        };
    }

    private SignatureVerdict Verify(HttpContext context, SignatureClaim claim, ReadOnlySpan<byte> body)
    {
        var request = context.Request;
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        Span<byte> hash = stackalloc byte[PayloadDigest.Bytes];
        PayloadDigest.Write(body, hash);
        string? said = request.Headers["X-Amz-Content-Sha256"];
        bool isUnsigned = said == "UNSIGNED-PAYLOAD";
        // What the field says has to be the body's: it is what was signed.
        if (!isUnsigned && said is not null && !Ascii.Equals(hash, said)) return SignatureVerdict.Mismatch;
        var signable = new SignableRequest
        {
            Method = Encoding.ASCII.GetBytes(request.Method),
            Path = Encoding.UTF8.GetBytes(mark < 0 ? target : target[..mark]),
            Query = Encoding.UTF8.GetBytes(mark < 0 ? "" : target[(mark + 1)..]),
            PayloadHash = isUnsigned ? PayloadDigest.Unsigned : hash,
        };
        return _verifier.Verify(in signable, claim, request.Headers.Keys, name => request.Headers[name]);
    }
}
