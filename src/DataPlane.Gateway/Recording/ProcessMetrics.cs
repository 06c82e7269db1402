using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The runtime's and the process's own figures under the names OpenTelemetry and Prometheus clients use. 0 bytes per
/// page.
/// </summary>
public sealed class ProcessMetrics : IMetricSource, IDisposable
{
    private static readonly byte[][] s_generations =
        [.. Enumerable.Range(0, 3).Select(each => MetricLabel.Render("gc_heap_generation", $"gen{each}"))];

    private readonly ProcFile _memory = new("/proc/self/statm");
    private readonly byte[] _versionLabel;
    private readonly byte[] _runtimeLabel = MetricLabel.Render("runtime", RuntimeInformation.FrameworkDescription);
    private readonly double _startSeconds;
    private readonly long _maxDescriptors = ReadMaxDescriptors();

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
        WriteRuntime(text);
        text.Family("process_cpu_seconds"u8, MetricKind.Counter, "User and system time of all threads."u8);
        text.Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        WriteMemory(text);
        text.Family("process_start_time_seconds"u8, MetricKind.Gauge, "Start of the process since the epoch."u8);
        text.Sample(_startSeconds);
        WriteDescriptors(text);
    }

    public void Dispose() => _memory.Dispose();

    private static void WriteRuntime(PrometheusText text)
    {
        text.Family("dotnet_gc_heap_total_allocated_bytes"u8, MetricKind.Counter, "Bytes allocated since start."u8);
        // The precise figure stops every thread; this one is ahead by at most the 8 KiB each thread allocates from.
        text.Sample(GC.GetTotalAllocatedBytes(precise: false));
        text.Family("dotnet_gc_collections"u8, MetricKind.Counter, "Garbage collections since start."u8);
        for (int generation = 0; generation < s_generations.Length; generation++)
        {
            text.Sample(CollectionsOf(generation), s_generations[generation]);
        }
        text.Family("dotnet_gc_pause_time_seconds"u8, MetricKind.Counter, "Time the collector stopped threads."u8);
        text.Sample(GC.GetTotalPauseDuration().TotalSeconds);
        text.Family("dotnet_thread_pool_threads"u8, MetricKind.Gauge, "Threads of the pool, beside the loops."u8);
        text.Sample(ThreadPool.ThreadCount);
        text.Family("dotnet_thread_pool_queue_length"u8, MetricKind.Gauge, "Work waiting for a pool thread."u8);
        text.Sample(ThreadPool.PendingWorkItemCount);
    }

    /// <summary>The runtime counts a collection in every younger generation as well; here each counts once.</summary>
    private static long CollectionsOf(int generation)
    {
        int older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
        return GC.CollectionCount(generation) - older;
    }

    private void WriteMemory(PrometheusText text)
    {
        var columns = _memory.Read();
        // Pages: of the address space first, then of what is resident (proc(5)).
        long pages = columns.IsEmpty ? -1 : ProcFile.ColumnOf(columns, 1);
        text.Family("process_resident_memory_bytes"u8, MetricKind.Gauge, "Resident memory."u8);
        text.Sample(pages >= 0 ? pages * Environment.SystemPageSize : Environment.WorkingSet);
        if (pages < 0) return;
        text.Family("process_virtual_memory_bytes"u8, MetricKind.Gauge, "Address space."u8);
        text.Sample(ProcFile.ColumnOf(columns, 0) * Environment.SystemPageSize);
    }

    private void WriteDescriptors(PrometheusText text)
    {
        int open = DescriptorFolder.Count();
        if (open < 0) return;
        text.Family("process_open_fds"u8, MetricKind.Gauge, "Open file descriptors."u8);
        text.Sample(open);
        text.Family("process_max_fds"u8, MetricKind.Gauge, "Open file descriptors allowed."u8);
        text.Sample(_maxDescriptors);
    }

    private static long ReadMaxDescriptors()
    {
        const string File = "/proc/self/limits";
        const string Row = "Max open files";
        if (!System.IO.File.Exists(File)) return 0;
        string? row = System.IO.File.ReadLines(File)
            .FirstOrDefault(line => line.StartsWith(Row, StringComparison.Ordinal));
        string? soft = row?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, CultureInfo.InvariantCulture, out long limit) ? limit : 0;
    }
}
