using DataPlane.Http.Requests;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Http.Requests;

/// <summary>Properties over paths built from the pieces that bypasses are made of.</summary>
public sealed class CanonicalPathPropertyTests
{
    private static readonly string[] s_pieces =
    [
        "/", "/", "/", "//", ".", "..", "a", "admin", "B1", "%2e", "%2E%2e", "%2f", "%2F", ";", ";x=1", "%3b", "%61",
        "%25", "%252e", "%20", "%c3%a9", "%c0%ae", "%00", "%5c", "\\", "%", "~", "+", "*", "%3f", "|",
    ];

    private static readonly Arbitrary<string> s_paths =
        Gen.Elements(s_pieces).ListOf().Resize(9).Select(pieces => "/" + string.Concat(pieces)).ToArbitrary();

    [Fact]
    public void Generator_MakesEnoughAcceptedPaths() =>
        Assert.True(s_paths.Generator.Sample(1000).Count(raw => TryWrite(raw, out _)) > 200);

    [Fact]
    public void CanonicalPath_IsItsOwnCanonicalPath() => Check(raw =>
    {
        if (!TryWrite(raw, out var once))
            return true;
        return TryWrite(once, out var twice) && twice == once;
    });

    [Fact]
    public void FastPath_EqualsTheSlowPath() => Check(raw =>
    {
        var bytes = Latin1.Bytes(raw);
        var fast = new byte[raw.Length + 1];
        var slow = new byte[raw.Length + 1];
        var fastFault = CanonicalPath.Write(bytes, fast, out var fastLength, out var fastTraits);
        var slowFault = CanonicalPath.WriteBySegments(bytes, slow, out var slowLength, out var slowTraits);
        return fastFault == slowFault && fastTraits == slowTraits
            && (fastFault != PathFault.None || fast.AsSpan(0, fastLength).SequenceEqual(slow.AsSpan(0, slowLength)));
    });

    [Fact]
    public void CanonicalPath_HasNothingLeftToResolve() => Check(raw =>
    {
        if (!TryWrite(raw, out var path))
            return true;
        var segments = path.Split('/');
        return path[0] == '/'
            && path.Length <= raw.Length
            && !path.Contains("//", StringComparison.Ordinal)
            && !path.Contains(';')
            && !segments.Contains(".", StringComparer.Ordinal)
            && !segments.Contains("..", StringComparer.Ordinal);
    });

    /// <summary>What other servers make of the raw path, done naively: whatever we take must lead all of them to the
    /// path we matched, up to what the traits announce.</summary>
    [Fact]
    public void AcceptedPath_IsReadAlikeByOthers() => Check(raw =>
    {
        if (!TryWrite(raw, out var path, out var traits))
            return true;
        if ((traits & (PathTraits.EncodedSlash | PathTraits.DoubleEncoded | PathTraits.EncodedDelimiter)) != 0)
            return true;
        var expected = Readers.Decode(path);
        return Readers.MergeSlashes(Readers.Decode(Readers.RemoveDots(Readers.StripParameters(raw)))) == expected
            && Readers.RemoveDots(Readers.MergeSlashes(Readers.StripParameters(Readers.Decode(raw)))) == expected
            && Readers.MergeSlashes(Readers.RemoveDots(Readers.StripParameters(Readers.Decode(raw)))) == expected;
    });

    private static bool TryWrite(string raw, out string path) => TryWrite(raw, out path, out _);

    private static bool TryWrite(string raw, out string path, out PathTraits traits)
    {
        var destination = new byte[raw.Length + 1];
        var fault = CanonicalPath.Write(Latin1.Bytes(raw), destination, out var length, out traits);
        path = Latin1.Text(destination.AsSpan(0, length));
        return fault == PathFault.None;
    }

    private static void Check(Func<string, bool> property) => FsCheck.Check.One(
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(s_paths, property));

    /// <summary>Normalisers as servers have them, one string operation each.</summary>
    private static class Readers
    {
        public static string Decode(string path)
        {
            var bytes = Latin1.Bytes(path.Replace("+", "%2B", StringComparison.Ordinal));
            return Latin1.Text(System.Net.WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
        }

        public static string StripParameters(string path) => string.Join(
            '/', path.Replace("%3b", ";", StringComparison.OrdinalIgnoreCase).Split('/').Select(s => s.Split(';')[0]));

        public static string MergeSlashes(string path)
        {
            while (path.Contains("//", StringComparison.Ordinal))
                path = path.Replace("//", "/", StringComparison.Ordinal);
            return path;
        }

        public static string RemoveDots(string path)
        {
            var kept = new List<string>();
            var segments = path.Split('/')[1..];
            for (var i = 0; i < segments.Length; i++)
            {
                var isDots = segments[i] is "." or "..";
                if (segments[i] == ".." && kept.Count > 0)
                    kept.RemoveAt(kept.Count - 1);
                if (!isDots)
                    kept.Add(segments[i]);
                else if (i == segments.Length - 1)
                    kept.Add("");
            }

            return "/" + string.Join('/', kept);
        }
    }
}
