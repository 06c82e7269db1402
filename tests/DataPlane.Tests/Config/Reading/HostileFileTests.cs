using System.Text;
using DataPlane.Config;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlane.Tests.Config.Reading;

/// <summary>Files made to hurt: each is refused with an error, in bounded time and memory.</summary>
public sealed class HostileFileTests
{
    private const int Large = 1 << 20;

    [Fact]
    public void FileBeyondItsLimit_IsRefused()
    {
        var machine = new ConfigEnvironment(_ => null, (_, most) => new byte[most + 1]);
        Assert.Equal(
            ["big.yaml:1:1: the file is larger than 16 MiB; write a smaller file"],
            Errors(ConfigLoader.Load("big.yaml", null, machine)));
    }

    [Fact]
    public void MissingFile_IsAnError() => Assert.Equal(
        ["no.yaml:1:1: the file cannot be read; check that it exists"],
        Errors(ConfigLoader.Load("no.yaml", null, ConfigEnvironment.Empty)));

    [Fact]
    public void FileFromDisk_IsReadOnceItExists()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "limits: { connections: 5 }");
            Assert.Equal(5, ConfigLoader.Load(path, null, ConfigEnvironment.Process).Config!.Limits.Connections);
            Assert.Equal(11, ConfigEnvironment.Process.ReadFile(path, 10).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("[", "1:65")]
    [InlineData("{a: ", "1:257")]
    [InlineData("- ", "1:129")]
    public void DeepNesting_IsRefused(string open, string place)
    {
        string yaml = string.Concat(Enumerable.Repeat(open, Large / open.Length));
        Assert.Equal([$"g.yaml:{place}: more than 64 collections inside each other; nest less"], Errors(yaml));
    }

    [Fact]
    public void TooManyValues_AreRefused()
    {
        string yaml = "a: [" + string.Concat(Enumerable.Repeat("1,", 2_000_001)) + "]";
        Assert.Equal("more than 2000000 values", Assert.Single(Load(yaml).Errors).Message);
    }

    [Fact]
    public void BillionLaughs_IsRefusedAtItsFirstAnchor()
    {
        string yaml = """
            a: &a [x, x]
            b: &b [*a, *a]
            c: [*b, *b]
            """;
        Assert.Equal(
            "g.yaml:1:4: a: anchors (&name) are not allowed; write the value out where it is used", Errors(yaml)[1]);
    }

    [Fact]
    public void InvalidUtf8_NamesItsPlace() => Assert.Equal(
        ["g.yaml:2:6: the byte 0xff is not valid UTF-8; save the file as UTF-8"],
        Errors(ConfigLoader.Parse([.. "# é\n# abc"u8, 0xff], "g.yaml", null, null, null)));

    [Theory]
    [InlineData('\0', "U+0000")]
    [InlineData('\u0007', "U+0007")]
    [InlineData('\u0085', "U+0085")]
    [InlineData('\u2028', "U+2028")]
    [InlineData('\u007f', "U+007F")]
    public void CharacterThatHidesWhatFollows_IsRefused(char c, string name)
    {
        string error = Assert.Single(Errors($"limits: {{}}\n#{c}\nlisteners: []"));
        Assert.StartsWith($"g.yaml:2:2: the character {name} is not allowed here; ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ControlCharacterInASuggestion_IsEscaped() => Assert.Contains(
        Errors("upstreams: { \"use\\trs\": { endpoints: [ \"http://a\" ] } }\n"
            + "routes: [ { match: { path: / }, to: { upstream: users } } ]"),
        error => error.EndsWith("did you mean 'use\\u0009rs'?", StringComparison.Ordinal));

    [Fact]
    public void ByteOrderMarkAndWindowsLineEnds_AreTaken() =>
        Assert.Equal(7, ConfigText.Config("\uFEFFlimits:\r\n  connections: 7\r\n").Limits.Connections);

    [Fact]
    public void ErrorsBeyondTheCap_AreCounted()
    {
        string yaml = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"key{i}: 1\n"));
        ConfigResult result = Load(yaml);
        Assert.Equal(201, result.Errors.Count);
        Assert.Equal("g.yaml:201:1: and 99800 more; fix the errors above first", result.Errors[^1].ToString());
    }

    [Fact]
    public void EveryPrefixOfAGoodFile_IsReadOrRefused()
    {
        const string Yaml = """
            listeners: [ { name: "a\u0041", address: '127.0.0.1:0' } ]
            upstreams:
              u:
                endpoints:
                  - http://a
                  - { url: "http://b", weight: 2 }
            routes:
              - match: { path: "/{id}" }
                to: { mock: { body: | } }
              - match: { path: /b, headers: { a: >- } }
                to: { upstream: u, rewrite: "/${X:-y}/{id}" }
            """;
        for (int length = 0; length <= Yaml.Length; length++)
        {
            ConfigResult result = Load(Yaml[..length]);
            Assert.Equal(result.Errors.Count > 0, result.Config is null);
        }
    }

    [Fact]
    public void RandomPiecesOfYaml_NeverThrow()
    {
        string[] pieces =
        [
            "[", "]", "{", "}", ",", ":", ": ", "- ", "? ", "\n", "\n  ", "\t", "\"", "'", "|", ">", "&a", "*a", "!t",
            "%", "@", "`", "#", "---", "...", "routes", "match", "path", "to", "mock", "listeners", "a", "1", "${", "}",
            "$$", "\\U", "é", "~", "null", "upstreams", "endpoints", "http://", "<<", "\0", "\u2028",
        ];
        var texts = Gen.Elements(pieces).ListOf().Select(list => string.Concat(list));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            ConfigResult result = Load(text);
            Assert.Equal(result.Errors.Count > 0, result.Config is null);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60));
    }

    private static ConfigResult Load(string yaml) => ConfigLoader.Parse(yaml, "g.yaml");

    private static string[] Errors(string yaml) => Errors(Load(yaml));

    private static string[] Errors(ConfigResult result) => [.. result.Errors.Select(error => error.ToString())];
}
