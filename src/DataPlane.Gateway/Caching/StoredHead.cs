using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Caching;
using DataPlane.Http.Headers;
using DataPlane.Http.Responses;

namespace DataPlane.Gateway.Caching;

/// <summary>
/// Writes heads as they are stored (RFC 9111 3.1): complete, but for what belongs to a connection, to the framing, or
/// to one client. 0 bytes.
/// </summary>
internal static class StoredHead
{
    private const int OwnBytes = 128;

    public static int Bound(ResponseHead head) => head.HeadLength + FieldCopier.Growth(head.FieldCount) + OwnBytes;

    /// <summary>A new response; one without Date gets the time it arrived.</summary>
    public static void Write(
        ref HeadWriter writer, ResponseHead head, ReadOnlySpan<byte> bytes, in ResponseFacts facts, bool keepsCookies)
    {
        WriteStatus(ref writer, head, bytes);
        var named = facts.Control.Has(CacheFlags.NamesFields) ? head : null;
        var filter = new NewFilter(named, keepsCookies);
        FieldCopier.Copy(ref writer, bytes, head.Fields, ref filter);
        if (!facts.HasDate)
        {
            writer.Put("Date: "u8);
            HttpDate.Write(facts.Date, writer.Rest);
            writer.Advance(HttpDate.Length);
            writer.Put("\r\n"u8);
        }
        writer.Put("\r\n"u8);
    }

    /// <summary>A stored response that a 304 has confirmed: the fields of the 304 replace its own (3.2).</summary>
    public static void WriteUpdated(
        ref HeadWriter writer, ResponseHead stored, ReadOnlySpan<byte> storedBytes, ResponseHead news,
        ReadOnlySpan<byte> newsBytes, bool keepsCookies)
    {
        WriteStatus(ref writer, stored, storedBytes);
        // A ref struct cannot be in a filter, so each stored field is looked up by itself.
        foreach (ref readonly var field in stored.Fields)
        {
            bool isReplaced = !IsOfBody(field.Known) && Has(news, newsBytes, in field, storedBytes);
            if (!isReplaced) Put(ref writer, in field, storedBytes);
        }
        foreach (ref readonly var field in news.Fields)
        {
            if (field.HopByHop || IsOfBody(field.Known) || field.Known == KnownHeader.Age) continue;
            if (field.Known == KnownHeader.SetCookie && !keepsCookies) continue;
            Put(ref writer, in field, newsBytes);
        }
        writer.Put("\r\n"u8);
    }

    private static void WriteStatus(ref HeadWriter writer, ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        writer.Put("HTTP/1.1 "u8);
        writer.PutNumber(head.StatusCode);
        writer.Put((byte)' ');
        writer.Put(head.ReasonRange.Of(bytes));
        writer.Put("\r\n"u8);
    }

    private static void Put(ref HeadWriter writer, in HeaderField field, ReadOnlySpan<byte> bytes)
    {
        writer.Put(field.Name(bytes));
        writer.Put(": "u8);
        writer.Put(field.Value(bytes));
        writer.Put("\r\n"u8);
    }

    // What describes the bytes of the body that is stored, which a 304 does not bring.
    private static bool IsOfBody(KnownHeader known) =>
        known is KnownHeader.ContentLength or KnownHeader.ContentEncoding or KnownHeader.ContentRange;

    private static bool Has(
        ResponseHead news, ReadOnlySpan<byte> newsBytes, in HeaderField field, ReadOnlySpan<byte> storedBytes)
    {
        if (field.Known != KnownHeader.Other) return news.Has(field.Known);
        return news.TryFind(newsBytes, field.Name(storedBytes), out _);
    }

    private readonly struct NewFilter(ResponseHead? named, bool keepsCookies) : IFieldFilter
    {
        private static readonly KnownHeaderSet s_dropped =
            KnownHeaderSet.Of(KnownHeader.ContentLength, KnownHeader.Age);

        public KnownHeaderSet Dropped => keepsCookies ? s_dropped : s_dropped.With(KnownHeader.SetCookie);

        public ulong AskedLengths => named is null ? 0 : ulong.MaxValue;

        public bool Keeps(in HeaderField field, ReadOnlySpan<byte> head) =>
            !IsNamed(named!, field.Name(head), head);

        private static bool IsNamed(ResponseHead named, ReadOnlySpan<byte> name, ReadOnlySpan<byte> head)
        {
            foreach (ref readonly var field in named.Fields)
            {
                bool isControl = field.Known == KnownHeader.CacheControl;
                if (isControl && CacheControl.NamesField(field.Value(head), name)) return true;
            }
            return false;
        }
    }
}
