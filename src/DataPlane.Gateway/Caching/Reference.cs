using System.Text;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>A reference in a response, as the URL it would be stored under. 0 bytes.</summary>
internal static class Reference
{
    /// <summary>
    /// False for another scheme or host than <paramref name="url"/> has, for dot segments, and for want of room: then
    /// nothing is to be done about it.
    /// </summary>
    public static bool TryResolve(
        ReadOnlySpan<byte> url, ReadOnlySpan<byte> reference, Span<byte> destination, out int length)
    {
        length = 0;
        int fragment = reference.IndexOf((byte)'#');
        if (fragment >= 0) reference = reference[..fragment];
        if (url.Length + reference.Length > destination.Length || reference.IndexOf("/."u8) >= 0) return false;
        int scheme = url.IndexOf("://"u8);
        int path = url[(scheme + 3)..].IndexOf((byte)'/') + scheme + 3;
        var authority = url[..path];
        var writer = new HeadWriter(destination);
        if (reference.StartsWith("//"u8))
            return TryAbsolute(ref writer, authority, authority[(scheme + 1)..], reference, out length);
        if (reference.IndexOf("://"u8) > 0) return TryAbsolute(ref writer, authority, authority, reference, out length);
        int query = url.IndexOf((byte)'?');
        var target = query < 0 ? url : url[..query];
        if (reference.IsEmpty) writer.Put(url);
        else if (reference[0] == '/') writer.Put(authority);
        else if (reference[0] == '?') writer.Put(target);
        else writer.Put(target[..(target.LastIndexOf((byte)'/') + 1)]);
        writer.Put(reference);
        length = writer.Length;
        return reference.IsEmpty || reference[0] != '.';
    }

    private static bool TryAbsolute(
        ref HeadWriter writer, ReadOnlySpan<byte> authority, ReadOnlySpan<byte> sought, ReadOnlySpan<byte> reference,
        out int length)
    {
        length = 0;
        if (reference.Length < sought.Length) return false;
        if (!Ascii.EqualsIgnoreCase(reference[..sought.Length], sought)) return false;
        var rest = reference[sought.Length..];
        // A longer host begins with the same letters.
        if (!rest.IsEmpty && rest[0] is not ((byte)'/' or (byte)'?')) return false;
        writer.Put(authority);
        if (rest.IsEmpty || rest[0] == '?') writer.Put((byte)'/');
        writer.Put(rest);
        length = writer.Length;
        return true;
    }
}
