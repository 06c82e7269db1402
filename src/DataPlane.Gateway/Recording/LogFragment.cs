namespace DataPlane.Gateway.Recording;

/// <summary>A rendered piece of a line, and the very array it was rendered from.</summary>
internal sealed record LogFragment(byte[] Key, byte[] Json);
