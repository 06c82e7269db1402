using System.Diagnostics;
using System.Text;
using DataPlane.Config;
using DataPlane.Tests.Architecture;
using DataPlane.Tests.Config.Reading;
using Source = DataPlane.Config.Reading.SourceText;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Configurations, from the examples of our own pages: whatever the text, the reader answers soon, with errors or a
/// configuration, never both and never neither, and takes memory in proportion to the text.
/// </summary>
public sealed class ConfigFuzzTests
{
    // A hang, not a figure: the machine may be busy.
    private const int MostMs = 30_000;
    private const long MostBytes = 64L << 20;

    private static readonly Mutation s_mutation = new(
        "[", "]", "{", "}", ",", ":", ": ", "- ", "? ", "\n", "\n  ", "\t", "\"", "'", "|", ">", "&a ", "*a", "!t ",
        "%", "@", "#", "---\n", "...\n", "${", "${X}", "${X:-", "}", "$$", "${file:", "\\U", "\\x00", "~", "null",
        "<<: ", "\0", "\u0085", "0", "-1", "99999999999", "1e9", "10%", "5ms", "10MiB", "{a}", "{a+}", "/", "*",
        "http://", "routes:\n", "listeners:\n", "include: x\n", "- &a [*a,*a]\n", "[[[[[[[[[[[[[[[[",
        "{a: {a: {a: {a: {a: ");

    private static readonly byte[][] s_seeds =
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"u8.ToArray(),
        .. Repository.Files("docs", ".md").Append("README.md").SelectMany(page =>
            Repository.Read(page).Split("```yaml\n").Skip(1)
                .Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).Select(Encoding.UTF8.GetBytes)),
    ];

    [Fact]
    public void BothReaders_ReadAlike() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            // Characters that neither reader is given are refused before.
            string? text = Source.Decode(bytes, "f", new ConfigErrors());
            if (text is null || SimpleYamlReaderTests.Simple(text) is not { } simple) return false;
            Assert.Equal(SimpleYamlReaderTests.Complete(text), simple);
            return true;
        },
        takenOneIn: 200);

    [Fact]
    public void Text_IsReadOrRefused() => FuzzRun.Check(
        s_seeds,
        s_mutation,
        bytes =>
        {
            var machine = new ConfigEnvironment(
                name => name == "X" ? "x\n- y: [" : null, (_, _) => throw new FileNotFoundException());
            long before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            var result = ConfigLoader.Parse(bytes, "g.yaml", overrides: null, machine, extensions: null);
            Assert.InRange(clock.ElapsedMilliseconds, 0, MostMs);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
            Assert.Equal(result.Errors.Count > 0, result.Config is null);
            Assert.All(result.Errors, error =>
            {
                Assert.True(error.Line >= 1 && error.Column >= 1, error.ToString());
                Assert.NotEmpty(error.Message);
                Assert.NotEmpty(error.Fix);
                Assert.DoesNotContain(error.ToString(), one => char.IsControl(one));
            });
            if (result.Config is null) return false;
            string written = EffectiveConfig.Write(result.Root);
            // What a variable gave is masked, so it cannot be read again; nor can a file that is not there.
            bool isWhole = !written.Contains("***", StringComparison.Ordinal)
                && !written.Contains("\"include\"", StringComparison.Ordinal);
            if (isWhole) Assert.Empty(ConfigLoader.Parse(written, "again.yaml").Errors);
            return true;
        },
        takenOneIn: 100);
}
