using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Field names as the strings the runtime wants. Known names are made once; of others each thread remembers the last
/// ones, in a table of fixed size: what clients invent must not pile up.
/// </summary>
internal static class FieldNames
{
    private const int Places = 256;

    private static readonly string[] s_known = KnownNames();

    [ThreadStatic]
    private static (byte[] Bytes, string Text)[]? t_others;

    public static string Of(ReadOnlySpan<byte> name)
    {
        var known = KnownHeaders.Identify(name);
        string text = s_known[(int)known];
        return text.Length > 0 ? text : OfOther(name);
    }

    private static string OfOther(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte each in name) hash = (hash ^ each) * 16777619;
        ref var place = ref (t_others ??= new (byte[], string)[Places])[hash % Places];
        if (place.Bytes is not null && name.SequenceEqual(place.Bytes)) return place.Text;
        place = (name.ToArray(), Encoding.Latin1.GetString(name));
        return place.Text;
    }

    private static string[] KnownNames()
    {
        var names = new string[128];
        Array.Fill(names, "");
        foreach (var known in Enum.GetValues<KnownHeader>())
            names[(int)known] = Encoding.ASCII.GetString(KnownHeaders.Name(known));
        return names;
    }
}
