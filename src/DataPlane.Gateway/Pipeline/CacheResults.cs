namespace DataPlane.Gateway.Pipeline;

/// <summary>The words for <see cref="CacheResult"/>. Any thread; 0 bytes.</summary>
public static class CacheResults
{
    private static readonly byte[][] s_labels = Array.ConvertAll(
        Enum.GetNames<CacheResult>(), name => System.Text.Encoding.ASCII.GetBytes(name.ToLowerInvariant()));

    public static int Count => s_labels.Length;

    public static ReadOnlySpan<byte> Label(CacheResult result) => s_labels[(int)result];
}
