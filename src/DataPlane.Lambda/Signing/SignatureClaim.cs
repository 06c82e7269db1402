using System.Globalization;
using System.Text;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// What a request says about its signature: in Authorization, or in its query when it was signed beforehand. Cold.
/// </summary>
internal sealed record SignatureClaim
{
    private const string Scheme = "AWS4-HMAC-SHA256";
    private const int ScopeParts = 5;
    private const int MostFields = 100;

    /// <summary>A week, AWS's bound on signatures made beforehand.</summary>
    private const int MostSeconds = 604_800;

    public required string AccessKey { get; init; }

    public required string Day { get; init; }

    public required string Region { get; init; }

    public required string Service { get; init; }

    /// <summary>In lower case, as listed.</summary>
    public required string[] FieldNames { get; init; }

    /// <summary>64 hex digits.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>X-Amz-Date.</summary>
    public required string Time { get; init; }

    /// <summary>How long a signature in the query holds; null in Authorization.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary><see cref="SignatureVerdict.Valid"/> says only that there is a claim.</summary>
    public static SignatureVerdict TryRead(
        string? authorization, string? date, Func<string, string?> parameter, out SignatureClaim? claim)
    {
        claim = null;
        if (parameter("X-Amz-Algorithm") is { } algorithm)
        {
            if (algorithm != Scheme) return SignatureVerdict.Incomplete;
            bool hasLifetime = int.TryParse(
                parameter("X-Amz-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
                && seconds is > 0 and <= MostSeconds;
            if (!hasLifetime) return SignatureVerdict.Incomplete;
            return Read(parameter("X-Amz-Credential"), parameter("X-Amz-SignedHeaders"),
                parameter("X-Amz-Signature"), parameter("X-Amz-Date"), TimeSpan.FromSeconds(seconds), out claim);
        }
        if (string.IsNullOrEmpty(authorization)) return SignatureVerdict.Missing;
        if (!authorization.StartsWith(Scheme + " ", StringComparison.Ordinal)) return SignatureVerdict.Incomplete;
        string? credential = null, names = null, signature = null;
        foreach (string part in authorization[Scheme.Length..].Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return SignatureVerdict.Incomplete;
            string value = part[(equals + 1)..];
            switch (part[..equals])
            {
                case "Credential":
                    credential = value;
                    break;
                case "SignedHeaders":
                    names = value;
                    break;
                case "Signature":
                    signature = value;
                    break;
            }
        }
        return Read(credential, names, signature, date, lifetime: null, out claim);
    }

    private static SignatureVerdict Read(
        string? credential, string? names, string? signature, string? date, TimeSpan? lifetime,
        out SignatureClaim? claim)
    {
        claim = null;
        string[] scope = credential?.Split('/') ?? [];
        string[] fields = names?.Split(';') ?? [];
        // An access key has no slash; what follows it is the scope.
        bool isWhole = scope.Length == ScopeParts && scope[^1] == "aws4_request" && scope.All(each => each.Length > 0)
            && fields.Length is > 0 and <= MostFields
            && signature is { Length: RequestSigner.SignatureBytes }
            && date is { Length: SigningTime.Bytes };
        if (!isWhole) return SignatureVerdict.Incomplete;
        claim = new SignatureClaim
        {
            AccessKey = scope[0],
            Day = scope[1],
            Region = scope[2],
            Service = scope[3],
            FieldNames = fields,
            Signature = Encoding.Latin1.GetBytes(signature!),
            Time = date!,
            Lifetime = lifetime,
        };
        return SignatureVerdict.Valid;
    }
}
