using System.Diagnostics;
using System.Globalization;

namespace DataPlane.Tests.Fuzz;

/// <summary>
/// Mutated inputs against a property, for a bounded time: <c>DATAPLANE_FUZZ_SECONDS</c> for each fuzzer, 3 unless set.
/// Every run takes another seed, which a failure prints: <c>DATAPLANE_FUZZ_SEED</c> repeats it. A failing input is made
/// smaller before it is shown.
/// </summary>
internal static class FuzzRun
{
    private const double StandardSeconds = 3;

    /// <summary>Inputs at least, on however slow a machine: a run that tried nothing proves nothing.</summary>
    private const int LeastInputs = 300;

    private const int MostShrinkingTries = 3000;

    /// <summary>Of one fuzzer.</summary>
    public static TimeSpan Time { get; } =
        TimeSpan.FromSeconds(ReadNumber("DATAPLANE_FUZZ_SECONDS") ?? StandardSeconds);

    private static int FirstSeed { get; } =
        (int)(ReadNumber("DATAPLANE_FUZZ_SEED") ?? Environment.TickCount64 % int.MaxValue);

    /// <summary>
    /// The property throws for an input that breaks it, and answers whether the input was taken: at least one in
    /// <paramref name="takenOneIn"/> has to be, or the inputs are not worth much.
    /// </summary>
    public static void Check(
        IReadOnlyList<byte[]> seeds, Mutation mutation, Func<byte[], bool> property, int takenOneIn)
    {
        int taken = seeds.Count(seed => Try(seed, round: 0, property));
        var clock = Stopwatch.StartNew();
        int round = 0;
        for (; clock.Elapsed < Time || round < LeastInputs; round++)
        {
            var random = new Random(unchecked((FirstSeed * 31) + round));
            byte[] input = mutation.Mutate(seeds, random);
            if (Try(input, round, property)) taken++;
        }
        Assert.True(taken >= round / takenOneIn, $"only {taken} of {round} inputs were taken; seed {FirstSeed}");
    }

    /// <summary>The same with awaits; its inputs are not made smaller.</summary>
    public static async Task CheckAsync(
        IReadOnlyList<byte[]> seeds, Mutation mutation, Func<byte[], Random, Task> property)
    {
        var clock = Stopwatch.StartNew();
        for (int round = 0; clock.Elapsed < Time; round++)
        {
            var random = new Random(unchecked((FirstSeed * 31) + round));
            byte[] input = mutation.Mutate(seeds, random);
            try
            {
                await property(input, random);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(Describe(input, round, failure), failure);
            }
        }
    }

    private static bool Try(byte[] input, int round, Func<byte[], bool> property)
    {
        try
        {
            return property(input);
        }
        catch (Exception failure)
        {
            byte[] smallest = Shrink(input, property);
            throw new InvalidOperationException(Describe(smallest, round, failure), failure);
        }
    }

    private static string Describe(byte[] input, int round, Exception failure)
    {
        string text = string.Concat(
            input.Select(one => one is >= (byte)' ' and < 0x7f ? $"{(char)one}" : $"\\x{one:x2}"));
        return $"DATAPLANE_FUZZ_SEED={FirstSeed}, round {round}: {failure.Message}\n"
            + $"as text: {text}\nas hex: {Convert.ToHexStringLower(input)}";
    }

    /// <summary>Leaves out ever smaller pieces as long as what is left still fails.</summary>
    private static byte[] Shrink(byte[] input, Func<byte[], bool> property)
    {
        int tries = 0;
        for (int piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length && tries < MostShrinkingTries;)
            {
                byte[] less = [.. input[..at], .. input[(at + piece)..]];
                tries++;
                if (Fails(less, property)) input = less;
                else at += piece;
            }
        }
        return input;
    }

    private static bool Fails(byte[] input, Func<byte[], bool> property)
    {
        try
        {
            property(input);
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private static double? ReadNumber(string variable)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }
}
