using System.Text;
using DataPlane.Http.Headers;
using DataPlane.Http.Responses;

namespace DataPlane.Http.Caching;

/// <summary>
/// What a response head says to caches, collected in one walk over its fields. Times are seconds since 1970, ranges are
/// those of the head's bytes. 0 bytes.
/// </summary>
public struct ResponseFacts
{
    private CacheDirectives _control = new();

    public ResponseFacts()
    {
    }

    public int StatusCode { get; private set; }

    /// <summary>Of CDN-Cache-Control where it is there and valid, else of Cache-Control (RFC 9213 2.1).</summary>
    public readonly CacheDirectives Control => _control;

    /// <summary>CDN-Cache-Control decides, so Cache-Control and Expires do not.</summary>
    public bool IsTargeted { get; private set; }

    public bool HasDate { get; private set; }

    /// <summary>Of Date, else the time it was read.</summary>
    public long Date { get; private set; }

    public bool HasExpires { get; private set; }

    /// <summary>What is no date is long past (RFC 9111 5.3).</summary>
    public long Expires { get; private set; }

    /// <summary>-1 for none, or none that is a date.</summary>
    public long LastModified { get; private set; } = -1;

    public ByteRange LastModifiedRange { get; private set; }

    public ByteRange ETagRange { get; private set; }

    /// <summary>Seconds; 0 for none.</summary>
    public int Age { get; private set; }

    public bool HasSetCookie { get; private set; }

    public bool Varies { get; private set; }

    /// <summary>Vary has a <c>*</c>: no other request is answered by it.</summary>
    public bool VariesOnEverything { get; private set; }

    /// <summary>Another request can be answered after asking whether this is still right.</summary>
    public readonly bool HasValidator => !ETagRange.IsEmpty || LastModified >= 0;

    /// <summary><paramref name="now"/> is the time the head arrived.</summary>
    public static ResponseFacts Read(ResponseHead head, ReadOnlySpan<byte> bytes, long now)
    {
        var facts = new ResponseFacts { StatusCode = head.StatusCode, Date = now };
        var targeted = new CacheDirectives();
        bool hasTargeted = false, isTargetedRight = true, hasAge = false;
        foreach (ref readonly var field in head.Fields)
        {
            var value = field.Value(bytes);
            switch (field.Known)
            {
                case KnownHeader.CacheControl:
                    CacheControl.Read(value, ref facts._control);
                    break;
                case KnownHeader.Other when IsTargetedField(field.Name(bytes)):
                    hasTargeted = true;
                    isTargetedRight = isTargetedRight && TargetedCacheControl.TryRead(value, ref targeted);
                    break;
                case KnownHeader.Age when !hasAge:
                    // Of several the first counts, also within one line.
                    hasAge = true;
                    facts.Age = AgeOf(value);
                    break;
                default:
                    facts.Take(in field, value, now);
                    break;
            }
        }
        facts.IsTargeted = hasTargeted && isTargetedRight;
        if (facts.IsTargeted) facts._control = targeted;
        return facts;
    }

    private void Take(in HeaderField field, ReadOnlySpan<byte> value, long now)
    {
        switch (field.Known)
        {
            case KnownHeader.Date when !HasDate && HttpDate.TryParse(value, now, out long date):
                HasDate = true;
                Date = date;
                break;
            case KnownHeader.Expires when !HasExpires:
                HasExpires = true;
                Expires = HttpDate.TryParse(value, now, out long expires) ? expires : 0;
                break;
            case KnownHeader.LastModified when LastModifiedRange.IsEmpty:
                LastModifiedRange = field.ValueRange;
                LastModified = HttpDate.TryParse(value, now, out long modified) ? modified : -1;
                break;
            case KnownHeader.ETag when ETagRange.IsEmpty: ETagRange = field.ValueRange; break;
            case KnownHeader.SetCookie: HasSetCookie = true; break;
            case KnownHeader.Vary:
                Varies = true;
                while (ListMembers.TryTake(ref value, out var name)) VariesOnEverything |= name.SequenceEqual("*"u8);
                break;
        }
    }

    private static bool IsTargetedField(ReadOnlySpan<byte> name) =>
        name.Length == 17 && Ascii.EqualsIgnoreCase(name, "cdn-cache-control"u8);

    private static int AgeOf(ReadOnlySpan<byte> value)
    {
        int comma = value.IndexOf((byte)',');
        return Math.Max(0, CacheControl.Seconds((comma < 0 ? value : value[..comma]).Trim(" \t"u8)));
    }
}
