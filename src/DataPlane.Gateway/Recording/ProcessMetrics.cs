using System.Diagnostics;
using System.IO.Enumeration;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The runtime's and the process's own figures under the names OpenTelemetry and Prometheus clients use.
/// </summary>
public sealed class ProcessMetrics : IMetricSource
{
    private const string DescriptorFolder = "/proc/self/fd";

    private static readonly byte[][] s_generations =
        [.. Enumerable.Range(0, 3).Select(each => MetricLabel.Render("gc_heap_generation", $"gen{each}"))];

    private readonly byte[] _versionLabel;
    private readonly byte[] _runtimeLabel = MetricLabel.Render("runtime", RuntimeInformation.FrameworkDescription);
    private readonly double _startSeconds;

    public ProcessMetrics(string version)
    {
        _versionLabel = MetricLabel.Render("version", version);
        using var self = Process.GetCurrentProcess();
        _startSeconds = (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_build_info"u8, MetricKind.Gauge, "Always 1; the labels say what is running."u8);
        text.Sample(1, _versionLabel, _runtimeLabel);
        text.Family("dotnet_gc_heap_total_allocated_bytes"u8, MetricKind.Counter, "Bytes allocated since start."u8);
        // The precise figure stops every thread; this one is ahead by at most the 8 KiB each thread allocates from.
        text.Sample(GC.GetTotalAllocatedBytes(precise: false));
        text.Family("dotnet_gc_collections"u8, MetricKind.Counter, "Garbage collections since start."u8);
        for (int generation = 0; generation < s_generations.Length; generation++)
        {
            text.Sample(CollectionsOf(generation), s_generations[generation]);
        }
        text.Family("process_cpu_seconds"u8, MetricKind.Counter, "User and system time of all threads."u8);
        text.Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Family("process_resident_memory_bytes"u8, MetricKind.Gauge, "Resident memory."u8);
        text.Sample(Environment.WorkingSet);
        text.Family("process_start_time_seconds"u8, MetricKind.Gauge, "Start of the process since the epoch."u8);
        text.Sample(_startSeconds);
        WriteDescriptors(text);
    }

    /// <summary>The runtime counts a collection in every younger generation as well; here each counts once.</summary>
    private static long CollectionsOf(int generation)
    {
        int older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
        return GC.CollectionCount(generation) - older;
    }

    private static void WriteDescriptors(PrometheusText text)
    {
        if (!Directory.Exists(DescriptorFolder)) return;
        text.Family("process_open_fds"u8, MetricKind.Gauge, "Open file descriptors."u8);
        // Counted without a string per entry: 10,000 connections would cost a scrape a megabyte.
        var entries = new FileSystemEnumerable<byte>(DescriptorFolder, static (ref FileSystemEntry _) => 0);
        text.Sample(entries.Count());
    }
}
