using System.Globalization;

namespace DataPlane.Tests.Hosting;

/// <summary>What /proc tells of a process or thread in its file stat; the fields have proc(5)'s numbers.</summary>
internal static class ProcStat
{
    public const int State = 3;
    public const int Nice = 19;
    public const int Policy = 41;

    private const int FirstBehindName = 3;

    /// <summary>A field behind the name, which is in parentheses and may hold blanks.</summary>
    public static string Field(int pid, int number) =>
        Field(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"), number);

    /// <summary>Of a thread, which has a folder in its process's.</summary>
    public static string Field(string folder, int number)
    {
        string stat = File.ReadAllText($"{folder}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[number - FirstBehindName];
    }

    public static int Number(int pid, int number) => int.Parse(Field(pid, number), CultureInfo.InvariantCulture);
}
