using System.Text;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;

namespace DataPlane.Http.Caching;

/// <summary>
/// Which stored response of several answers a request (RFC 9111 4.1): the names in Vary as a list, and what a request
/// has under these names, as bytes to compare. Any thread; 0 bytes.
/// </summary>
public static class Selection
{
    /// <summary>Members of a language list that are put in order; a longer one stays as it is.</summary>
    private const int MostSorted = 16;

    /// <summary>
    /// Writes the lower-case names of all Vary fields, a comma behind each. False when there is no room.
    /// </summary>
    public static bool TryWriteNames(
        ResponseHead head, ReadOnlySpan<byte> bytes, Span<byte> destination, out int length)
    {
        length = 0;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Known != KnownHeader.Vary) continue;
            var names = field.Value(bytes);
            while (ListMembers.TryTake(ref names, out var name))
            {
                if (name.IsEmpty || Contains(destination[..length], name)) continue;
                if (!TryAddName(name, destination, ref length)) return false;
            }
        }
        return true;
    }

    /// <summary>Adds a name to a list of <see cref="TryWriteNames"/>, in lower case.</summary>
    public static bool TryAddName(ReadOnlySpan<byte> name, Span<byte> destination, ref int length)
    {
        if (destination.Length - length < name.Length + 1) return false;
        Ascii.ToLower(name, destination[length..], out _);
        length += name.Length;
        destination[length++] = (byte)',';
        return true;
    }

    public static bool Contains(ReadOnlySpan<byte> names, ReadOnlySpan<byte> name)
    {
        while (TryTakeName(ref names, out var each))
        {
            if (Ascii.EqualsIgnoreCase(each, name)) return true;
        }
        return false;
    }

    public static bool TryTakeName(ref ReadOnlySpan<byte> names, out ReadOnlySpan<byte> name)
    {
        int comma = names.IndexOf((byte)',');
        name = comma < 0 ? default : names[..comma];
        names = comma < 0 ? default : names[(comma + 1)..];
        return comma >= 0;
    }

    /// <summary>
    /// Writes what the request has under each name: its members without the white space between them, languages and
    /// codings in lower case, languages in order. An absent field is not an empty one. False when there is no room.
    /// </summary>
    public static bool TryWriteValues(
        ReadOnlySpan<byte> names, RequestHead request, ReadOnlySpan<byte> head, Span<byte> destination, out int length)
    {
        length = 0;
        while (TryTakeName(ref names, out var name))
        {
            bool isPresent = false;
            int start = length;
            foreach (ref readonly var field in request.Fields)
            {
                if (field.NameLength != name.Length || !Ascii.EqualsIgnoreCase(field.Name(head), name)) continue;
                if (destination.Length - length < field.ValueLength + 2) return false;
                if (isPresent) destination[length++] = (byte)',';
                isPresent = true;
                AddMembers(field.Value(head), destination, ref length);
            }
            if (destination.Length - length < 2) return false;
            if (isPresent) Settle(name, destination[start..length]);
            else destination[length++] = 0x01;
            // Fields hold no line feed, so no value can reach into the next one.
            destination[length++] = (byte)'\n';
        }
        return true;
    }

    private static void AddMembers(ReadOnlySpan<byte> value, Span<byte> destination, ref int length)
    {
        bool isFirst = true;
        while (ListMembers.TryTake(ref value, out var member))
        {
            if (!isFirst) destination[length++] = (byte)',';
            isFirst = false;
            member.CopyTo(destination[length..]);
            length += member.Length;
        }
    }

    private static void Settle(ReadOnlySpan<byte> name, Span<byte> value)
    {
        bool isLanguage = name.SequenceEqual("accept-language"u8);
        if (!isLanguage && !name.SequenceEqual("accept-encoding"u8)) return;
        Ascii.ToLowerInPlace(value, out _);
        if (isLanguage) Sort(value);
    }

    // The order of members means nothing: their weights do.
    private static void Sort(Span<byte> list)
    {
        Span<byte> copy = stackalloc byte[256];
        if (list.Length > copy.Length || list.Count((byte)',') >= MostSorted) return;
        list.CopyTo(copy);
        copy = copy[..list.Length];
        Span<ByteRange> members = stackalloc ByteRange[MostSorted];
        int count = 0;
        for (int start = 0; start <= copy.Length && count < MostSorted;)
        {
            int comma = copy[start..].IndexOf((byte)',');
            int end = comma < 0 ? copy.Length : start + comma;
            int at = count++;
            while (at > 0 && members[at - 1].Of(copy).SequenceCompareTo(copy[start..end]) > 0)
            {
                members[at] = members[at - 1];
                at--;
            }
            members[at] = new ByteRange(start, end - start);
            start = end + 1;
        }
        int length = 0;
        for (int each = 0; each < count; each++)
        {
            if (each > 0) list[length++] = (byte)',';
            members[each].Of(copy).CopyTo(list[length..]);
            length += members[each].Length;
        }
    }
}
