namespace DataPlane.Config.Reading;

/// <summary>
/// Equal for two entries of <c>routes</c> that are written with the same characters in the same columns, so that they
/// say the same. <c>Digest</c> is a <see cref="TextDigest"/>.
/// </summary>
internal readonly record struct EntryKey(UInt128 Digest, int Column);
