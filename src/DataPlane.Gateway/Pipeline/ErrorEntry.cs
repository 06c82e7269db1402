namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// One row of <see cref="ErrorTable"/>. <paramref name="Label"/> is the metric's and the access log's word.
/// </summary>
public sealed record ErrorEntry(int StatusCode, string Label, FaultSide Side, string Detail)
{
    public byte[] LabelUtf8 { get; } = System.Text.Encoding.ASCII.GetBytes(Label);

    public byte[] DetailUtf8 { get; } = System.Text.Encoding.ASCII.GetBytes(Detail);
}
