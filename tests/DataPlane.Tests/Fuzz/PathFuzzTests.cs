using DataPlane.Http.Requests;
using DataPlane.Tests.Http;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Paths: the canonical one is its own, holds nothing that another reader would resolve, and never grows.
/// </summary>
public sealed class PathFuzzTests
{
    private static readonly Mutation s_mutation = new(
        "/", "//", "/./", "/../", "..", ".", "%2e", "%2E", "%2f", "%5c", "\\", ";", ";x=1", "%3b", "%00", "%", "%%",
        "%4", "%c0%ae", "%25", "%252e", "\u00ff", "?", "#", "*", "~", "a", "%61", "..;/", "/.", "%09", " ", "%ff");

    [Fact]
    public void CanonicalPath_IsFinal() => FuzzRun.Check(
        FuzzSeeds.Targets,
        s_mutation,
        bytes =>
        {
            // As the request line's parser leaves it.
            if (bytes.Length == 0 || bytes[0] != '/' || bytes.AsSpan().ContainsAnyExceptInRange((byte)'!', (byte)'~'))
                return false;
            if (bytes.AsSpan().ContainsAny((byte)'?', (byte)'#')) return false;
            var written = new byte[bytes.Length + 1];
            var fault = CanonicalPath.Write(bytes, written, out int length, out var traits);
            var slowly = new byte[bytes.Length + 1];
            Assert.Equal(fault, CanonicalPath.WriteBySegments(bytes, slowly, out int slowLength, out var slowTraits));
            if (fault != PathFault.None) return false;
            Assert.Equal(traits, slowTraits);
            Assert.Equal(written[..length], slowly[..slowLength]);
            Assert.InRange(length, 1, bytes.Length);
            string path = Latin1.Text(written.AsSpan(0, length));
            Assert.Equal('/', path[0]);
            Assert.DoesNotContain("//", path, StringComparison.Ordinal);
            Assert.DoesNotContain(path.Split('/'), segment => segment is "." or "..");
            // Somebody who decodes once more sees no other segments, unless the traits say so.
            string decoded = Uri.UnescapeDataString(path);
            if (!path.Contains("%2F", StringComparison.Ordinal))
                Assert.DoesNotContain(decoded.Split('/'), segment => segment is "." or "..");
            Assert.DoesNotContain('\0', decoded);
            var again = new byte[length + 1];
            Assert.Equal(PathFault.None, CanonicalPath.Write(written.AsSpan(0, length), again, out int second, out _));
            Assert.Equal(path, Latin1.Text(again.AsSpan(0, second)));
            return true;
        },
        takenOneIn: 100);
}
