namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>The metric names of one other product.</summary>
internal interface IProductNames
{
    IReadOnlyList<CompatibleGroup> Groups { get; }

    void Write(PrometheusText text);
}
