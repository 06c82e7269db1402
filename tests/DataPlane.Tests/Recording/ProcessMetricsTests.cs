using System.Buffers;
using System.Globalization;
using System.Text;
using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class ProcessMetricsTests
{
    private readonly ProcessMetrics _metrics = new("9.8.7");

    [Fact]
    public void Page_HasTheConventionalNames()
    {
        string page = Render();
        string[] names =
        [
            "dotnet_gc_heap_total_allocated_bytes_total", "dotnet_gc_collections_total{gc_heap_generation=\"gen0\"}",
            "dotnet_gc_collections_total{gc_heap_generation=\"gen2\"}", "process_cpu_seconds_total",
            "process_resident_memory_bytes", "process_start_time_seconds",
        ];
        foreach (string name in names) Assert.Contains($"\n{name} ", page, StringComparison.Ordinal);
        Assert.Contains("dataplane_build_info{version=\"9.8.7\",runtime=\".NET 10", page, StringComparison.Ordinal);
    }

    [Fact]
    public void AllocatedBytes_FollowAllocations()
    {
        const string Name = "dotnet_gc_heap_total_allocated_bytes_total";
        double before = Read(Name);
        for (int each = 0; each < 100; each++) GC.KeepAlive(new byte[100_000]);
        // Other tests of the process allocate meanwhile, some of them gigabytes.
        Assert.InRange(Read(Name) - before, 10_000_000, 1e12);
    }

    [Fact]
    public void OpenDescriptors_FollowOpenFiles()
    {
        if (!Directory.Exists("/proc/self/fd"))
        {
            Skipped.Say("OpenDescriptors_FollowOpenFiles needs /proc");
            return;
        }
        // Other tests of the process open and close files meanwhile: 500 stand out.
        double before = Read("process_open_fds");
        var files = Enumerable.Range(0, 500).Select(_ => File.OpenHandle("/dev/null")).ToArray();
        double after = Read("process_open_fds");
        foreach (var file in files) file.Dispose();
        Assert.InRange(after - before, 300, 700);
    }

    [Fact]
    public void MemoryAndStart_ArePlausible()
    {
        Assert.InRange(Read("process_resident_memory_bytes"), 10_000_000, 100_000_000_000);
        double now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        Assert.InRange(Read("process_start_time_seconds"), now - 36_000, now + 1);
    }

    private double Read(string series)
    {
        string line = Render().Split('\n').Single(each => each.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }

    private string Render()
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(_metrics).Write(output, PrometheusFormat.Text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
