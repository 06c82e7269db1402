using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording;

/// <summary>The whole page before Prometheus's own parsers and linter.</summary>
public class PromtoolTests
{
    [Fact]
    public async Task TextPage_IsAcceptedWithoutAWord()
    {
        var (exitCode, said) = await RunAsync(["check", "metrics"], RenderPage(PrometheusFormat.Text));
        Assert.Equal("", said);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task FamiliesTwice_AreComplainedAbout()
    {
        var page = RenderPage(PrometheusFormat.Text);
        var (exitCode, said) = await RunAsync(["check", "metrics"], [.. page, .. page]);
        Assert.NotEqual(0, exitCode);
        Assert.NotEmpty(said);
    }

    [Fact]
    public async Task OpenMetricsPage_IsReadByTheRealParser()
    {
        // Backfilling is the tool's one way into its OpenMetrics parser; it wants a timestamp on every sample.
        string page = Encoding.UTF8.GetString(RenderPage(PrometheusFormat.OpenMetrics));
        string stamped = Regex.Replace(
            page, "^[^#\n].*$", "$0 1700000000", RegexOptions.Multiline, TimeSpan.FromSeconds(5));
        var folder = Directory.CreateTempSubdirectory("openmetrics-");
        try
        {
            string file = Path.Combine(folder.FullName, "page.txt");
            await File.WriteAllTextAsync(file, stamped);
            string blocks = Path.Combine(folder.FullName, "blocks");
            var (exitCode, said) = await RunAsync(["tsdb", "create-blocks-from", "openmetrics", file, blocks], []);
            Assert.True(exitCode == 0, said);
            var (_, listed) = await RunAsync(["tsdb", "list", blocks], []);
            int series = page.Split('\n').Count(line => line.Length > 0 && line[0] != '#');
            // One block; its columns are id, times, duration, samples, chunks, series, size.
            string[] columns = listed.Trim().Split('\n')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal($"{series}", columns[6]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] RenderPage(PrometheusFormat format)
    {
        var time = new SetTime(DateTimeOffset.UnixEpoch);
        var metrics = new ExchangeMetrics(2, time);
        Fill(metrics);
        using var log = new AccessLog(new StreamLogOutput(Stream.Null), new AccessLogConfig(), 2, time);
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(metrics, log, new ProcessMetrics("1.2.3-test")).Write(output, format);
        return output.WrittenSpan.ToArray();
    }

    private static void Fill(ExchangeMetrics metrics)
    {
        var outcomes = Enum.GetValues<ExchangeOutcome>();
        for (int each = 0; each < 200; each++)
        {
            var sample = new MetricSample
            {
                Shard = each % 2,
                ListenerIndex = each % 3,
                ListenerName = Encoding.UTF8.GetBytes($"listener-{each % 3}"),
                RouteIndex = (each % 11) - 1,
                RouteId = Encoding.UTF8.GetBytes($"route \"{each % 11}\" \\ {{id}} größe\n"),
                Method = (RequestMethod)(each % RouteRow.MethodCount),
                StatusCode = each % 7 * 100,
                Outcome = outcomes[each % outcomes.Length],
                TotalTicks = each * each * 1000L,
                UpstreamTicks = each * 1000L,
                EndpointIndex = (each % 4) - 1,
                UpstreamName = Encoding.UTF8.GetBytes($"up-{each % 2}"),
                EndpointAddress = Encoding.UTF8.GetBytes($"http://127.0.0.1:{9000 + (each % 4)}"),
            };
            metrics.Record(sample);
        }
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(string[] arguments, byte[] input)
    {
        var start = new ProcessStartInfo("promtool", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? tool = null;
        try
        {
            tool = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Fail("promtool is missing: apt-get install prometheus (tests/run does it).");
        }
        using (tool)
        {
            var output = tool!.StandardOutput.ReadToEndAsync();
            var errors = tool.StandardError.ReadToEndAsync();
            await GiveAsync(tool, input);
            await tool.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return (tool.ExitCode, await output + await errors);
        }
    }

    private static async Task GiveAsync(Process tool, byte[] input)
    {
        try
        {
            await tool.StandardInput.BaseStream.WriteAsync(input);
            tool.StandardInput.Close();
        }
        catch (IOException)
        {
            // It read as far as its first complaint and left; the exit code tells.
        }
    }
}
