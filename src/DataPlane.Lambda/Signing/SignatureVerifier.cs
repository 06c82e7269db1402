using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;

namespace DataPlane.Lambda.Signing;

/// <summary>
/// Says whether a request was signed with one of the access keys it knows, within five minutes of now. Any thread;
/// allocates.
/// </summary>
internal sealed class SignatureVerifier(IEnumerable<SigningCredentials> keys, string service, TimeProvider time)
{
    /// <summary>How far a client's clock may be off, as AWS has it.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Days and regions whose keys are kept; a region is what the client says.</summary>
    private const int KeptKeys = 64;

    private readonly FrozenDictionary<string, SigningCredentials> _credentials =
        keys.ToFrozenDictionary(each => each.AccessKey, StringComparer.Ordinal);

    private readonly ConcurrentDictionary<(string AccessKey, string Day, string Region), SigningKey> _keys = new();

    /// <summary>
    /// <paramref name="valuesOf"/> gives the values of a field, none for one that is not there; all fields'
    /// names are <paramref name="names"/>. The body's hash is taken from <paramref name="request"/>.
    /// </summary>
    public SignatureVerdict Verify(
        in SignableRequest request, SignatureClaim claim, IEnumerable<string> names,
        Func<string, IEnumerable<string?>> valuesOf)
    {
        if (!_credentials.TryGetValue(claim.AccessKey, out var credentials)) return SignatureVerdict.UnknownKey;
        byte[] stamp = Encoding.Latin1.GetBytes(claim.Time);
        if (!SigningTime.TryRead(stamp, out var signed)) return SignatureVerdict.Incomplete;
        if (claim.Service != service || !claim.Time.StartsWith(claim.Day, StringComparison.Ordinal))
            return SignatureVerdict.WrongScope;
        var age = time.GetUtcNow() - signed;
        if (age < -Skew || age > (claim.Lifetime ?? Skew)) return SignatureVerdict.WrongTime;
        if (!SignsEnough(claim, names)) return SignatureVerdict.Incomplete;
        var signer = new RequestSigner();
        foreach (string name in claim.FieldNames)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            bool isThere = false;
            foreach (string? value in valuesOf(name))
            {
                // A server reads fields as Latin-1 or UTF-8; what is signed are their bytes.
                signer.Fields.Add(bytes, Encoding.UTF8.GetBytes(value ?? ""));
                isThere = true;
            }
            if (!isThere) return SignatureVerdict.Mismatch;
        }
        signer.Fields.Sort();
        bool isRight = signer.Verify(in request, stamp, KeyOf(claim, credentials), claim.Signature);
        return isRight ? SignatureVerdict.Valid : SignatureVerdict.Mismatch;
    }

    /// <summary>The host and everything that AWS gives a meaning has to be signed.</summary>
    private static bool SignsEnough(SignatureClaim claim, IEnumerable<string> names) =>
        claim.FieldNames.Contains("host", StringComparer.Ordinal)
        && names
            .Where(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .All(name => claim.FieldNames.Contains(name, StringComparer.OrdinalIgnoreCase));

    private SigningKey KeyOf(SignatureClaim claim, SigningCredentials credentials)
    {
        var place = (claim.AccessKey, claim.Day, claim.Region);
        if (_keys.TryGetValue(place, out var key)) return key;
        if (_keys.Count >= KeptKeys) _keys.Clear();
        key = new SigningKey(credentials.SecretKey, Encoding.Latin1.GetBytes(claim.Day), claim.Region, service);
        return _keys.GetOrAdd(place, key);
    }
}
