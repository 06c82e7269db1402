using System.Text.RegularExpressions;

namespace DataPlane.Tests.Architecture;

/// <summary>Regular expressions over our own files: only named groups capture, and none may run away.</summary>
internal static class SourcePattern
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static Regex Of(string pattern, RegexOptions options = RegexOptions.None) =>
        new(pattern, options | RegexOptions.ExplicitCapture, s_limit);
}
