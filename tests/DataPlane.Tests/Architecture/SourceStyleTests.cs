using System.Text.RegularExpressions;

namespace DataPlane.Tests.Architecture;

/// <summary>The rules of style that a machine can keep: sizes, names, and what must not be there.</summary>
public sealed class SourceStyleTests
{
    private const int MaxFileLines = 500;
    private const int MaxFunctionLines = 70;
    private const int MaxColumns = 120;

    private static readonly Regex s_emptyName = SourcePattern.Of(
        "(Manager|Helper|Helpers|Utils|Util|Common|Base|Info|[A-Z]\\w*Data)$");
    private static readonly Regex s_typeName = SourcePattern.Of(
        @"\b(class|struct|interface|enum|record(\s+(class|struct))?)\s+(?<name>\w+)");
    private static readonly Regex s_unfinished = SourcePattern.Of(@"\b(TODO|FIXME|HACK|XXX)\b");
    private static readonly Regex s_stub = SourcePattern.Of(@"\b(NotImplementedException|Thread\.Sleep)\b");
    private static readonly Regex s_sleep = SourcePattern.Of(@"\bThread\.Sleep\b|\bTask\.Delay\(\s*\d");

    /// <summary>Functions longer than a screen, as <c>file: function</c>, with the reason it is better so.</summary>
    private static readonly Dictionary<string, string> s_longFunctions = new(StringComparer.Ordinal)
    {
        ["tests/DataPlane.Tests/Http/Requests/CanonicalPathTests.cs: AmbiguousPath_IsRefused"] = "a table of cases",
        ["tests/DataPlane.Tests/Http/Requests/RequestFaultTests.cs: new"] = "tables of cases",
    };

    private static readonly string[] s_textExtensions =
        [".cs", ".csproj", ".props", ".json", ".yaml", ".yml", ".md", ".py", ".sh", ".conf", ".cfg"];

    [Fact]
    public void SourceFiles_AreAtMost500Lines()
    {
        var tooLong = Repository.Sources
            .Select(file => (File: file, Lines: Repository.Read(file).Split('\n').Length - 1))
            .Where(entry => entry.Lines > MaxFileLines)
            .Select(entry => $"{entry.File}: {entry.Lines} lines");

        Findings.AssertNone(tooLong);
    }

    [Fact]
    public void Functions_AreAtMost70Lines()
    {
        var tooLong = Repository.Sources
            .SelectMany(file => SourceFunctions.Find(new SourceText(Repository.Read(file)).Code)
                .Where(function => function.Lines > MaxFunctionLines)
                .Where(function => !s_longFunctions.ContainsKey($"{file}: {function.Name}"))
                .Select(function => $"{file}:{function.Line}: {function.Name} has {function.Lines} lines"));

        Findings.AssertNone(tooLong);
    }

    [Fact]
    public void LongFunctionsOnTheList_StillExist()
    {
        var known = s_longFunctions.Keys.Select(key => key.Split(": ")[0]).ToHashSet(StringComparer.Ordinal);

        Findings.AssertNone(known.Except(Repository.Sources, StringComparer.Ordinal));
        Assert.All(s_longFunctions.Values, Assert.NotEmpty);
    }

    [Fact]
    public void Lines_AreAtMost120Columns()
    {
        var tooLong = Repository.Sources
            .SelectMany(file => Repository.Read(file).Split('\n')
                .Select((line, index) => (Where: $"{file}:{index + 1}", Columns: line.TrimEnd('\r').Length))
                .Where(entry => entry.Columns > MaxColumns)
                .Select(entry => $"{entry.Where}: {entry.Columns} columns"));

        Findings.AssertNone(tooLong);
    }

    [Fact]
    public void TypesAndFiles_HaveNamesThatSayWhatTheyAre()
    {
        var files = Repository.Sources
            .Where(file => s_emptyName.IsMatch(Path.GetFileNameWithoutExtension(file)));
        var types = Repository.Sources
            .SelectMany(file => s_typeName.Matches(new SourceText(Repository.Read(file)).Code)
                .Where(match => s_emptyName.IsMatch(match.Groups["name"].Value))
                .Select(match => $"{file}: {match.Groups["name"].Value}"));

        Findings.AssertNone(files.Concat(types));
    }

    [Theory]
    [InlineData("RouteManager", true)]
    [InlineData("StringUtils", true)]
    [InlineData("ConnectionInfo", true)]
    [InlineData("Database", false)]
    [InlineData("CommonLogFormat", false)]
    public void EmptyNames_AreTold(string name, bool isEmpty) =>
        Assert.Equal(isEmpty, s_emptyName.IsMatch(name));

    [Fact]
    public void Sources_HaveNothingLeftToDo()
    {
        var offences = Repository.Sources
            .SelectMany(file => Offences(file, new SourceText(Repository.Read(file)).Comments, s_unfinished));

        Findings.AssertNone(offences);
    }

    [Fact]
    public void ProductCode_NeitherSleepsNorIsUnimplemented()
    {
        var offences = Repository.Files("src", ".cs")
            .SelectMany(file => Offences(file, new SourceText(Repository.Read(file)).Code, s_stub));

        Findings.AssertNone(offences);
    }

    [Fact]
    public void Tests_DoNotSleepToWait()
    {
        var offences = Repository.Files("tests", ".cs")
            .SelectMany(file => Offences(file, new SourceText(Repository.Read(file)).Code, s_sleep));

        Findings.AssertNone(offences);
    }

    [Fact]
    public void TrackedText_NamesNoPathOfOneMachine()
    {
        var own = new[] { Repository.Root + "/", Path.Join(Path.DirectorySeparatorChar.ToString(), "root") + "/" };
        var folders = new[] { "src", "tests", "perf", "tools", "docs" };
        var files = folders.SelectMany(folder => Repository.Files(folder, s_textExtensions))
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.*").Select(file => Path.GetFileName(file)!)
                .Where(file => s_textExtensions.Contains(Path.GetExtension(file), StringComparer.Ordinal)));
        var offences = files
            .Where(file => own.Any(path => Repository.Read(file).Contains(path, StringComparison.Ordinal)));

        Findings.AssertNone(offences);
    }

    [Fact]
    public void Scan_ReachesTheSources() =>
        Assert.Contains(Repository.Sources, file => file.EndsWith("/Architecture/SourceStyleTests.cs"));

    private static IEnumerable<string> Offences(string file, string text, Regex pattern) =>
        pattern.Matches(text).Select(match => $"{file}:{SourceText.LineOf(text, match.Index)}: {match.Value}");
}
