using System.Buffers.Binary;
using System.Text;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>
/// A protobuf message taken apart by hand, so that what OpenTelemetry writes is read by code it does not share: fields
/// by number, each a number or bytes.
/// </summary>
internal sealed class WireMessage
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    public WireMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((number, Varint(ref bytes), []));
                    break;
                case 1:
                    _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(bytes), []));
                    bytes = bytes[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref bytes);
                    _fields.Add((number, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(bytes), []));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new FormatException($"wire type {tag & 7}");
            }
        }
    }

    public IEnumerable<WireMessage> Messages(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new WireMessage(field.Bytes));

    public WireMessage Message(int number) => Messages(number).Single();

    public ulong Number(int number) => _fields.FirstOrDefault(field => field.Number == number).Value;

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number));

    public bool Has(int number) => _fields.Any(field => field.Number == number);

    private byte[] Bytes(int number) => _fields.FirstOrDefault(field => field.Number == number).Bytes ?? [];

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte each = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(each & 0x7f) << shift;
            if ((each & 0x80) == 0) return value;
        }
    }
}
