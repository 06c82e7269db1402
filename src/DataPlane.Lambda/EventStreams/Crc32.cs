using System.Buffers.Binary;

namespace DataPlane.Lambda.EventStreams;

/// <summary>CRC-32 as in Ethernet and gzip (polynomial 0xEDB88320), eight bytes at a time. Pure; 0 bytes.</summary>
internal static class Crc32
{
    private const int Steps = 8;

    private static readonly uint[][] s_tables = Build();

    public static uint Of(ReadOnlySpan<byte> bytes) => Of(0, bytes);

    /// <summary>Goes on where <paramref name="before"/> ended; 0 begins.</summary>
    public static uint Of(uint before, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~before;
        while (bytes.Length >= Steps)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = s_tables[7][low & 255] ^ s_tables[6][(low >> 8) & 255]
                ^ s_tables[5][(low >> 16) & 255] ^ s_tables[4][low >> 24]
                ^ s_tables[3][high & 255] ^ s_tables[2][(high >> 8) & 255]
                ^ s_tables[1][(high >> 16) & 255] ^ s_tables[0][high >> 24];
            bytes = bytes[Steps..];
        }
        foreach (byte each in bytes) crc = (crc >> 8) ^ s_tables[0][(crc ^ each) & 255];
        return ~crc;
    }

    private static uint[][] Build()
    {
        var tables = new uint[Steps][];
        for (int step = 0; step < Steps; step++) tables[step] = new uint[256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            tables[0][value] = crc;
        }
        for (int step = 1; step < Steps; step++)
        {
            for (int value = 0; value < 256; value++)
            {
                uint crc = tables[step - 1][value];
                tables[step][value] = (crc >> 8) ^ tables[0][crc & 255];
            }
        }
        return tables;
    }
}
