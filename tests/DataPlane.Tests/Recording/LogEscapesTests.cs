using DataPlane.Gateway.Recording;

namespace DataPlane.Tests.Recording;

public class LogEscapesTests
{
    /// <summary>Every length the copy treats differently, and every place in it.</summary>
    [Fact]
    public void OneOddByteAnywhere_IsFoundAndTheRestIsCopied()
    {
        for (int length = 0; length <= 50; length++)
        {
            byte[] plain = [.. Enumerable.Range(0, length).Select(each => (byte)('a' + each % 26))];
            Assert.Equal(plain, Quoted(plain));
            Assert.Equal(plain, Json(plain));
            for (int at = 0; at < length; at++)
            {
                foreach (byte odd in (byte[])[0x00, 0x1f, (byte)'"', (byte)'\\', 0x7f, 0x80, 0xff])
                {
                    byte[] text = [.. plain];
                    text[at] = odd;
                    byte[] expected =
                        [.. plain[..at], .. System.Text.Encoding.ASCII.GetBytes($"\\x{odd:X2}"), .. plain[(at + 1)..]];
                    Assert.Equal(expected, Quoted(text));
                    Assert.NotEqual(text, Json(text));
                }
            }
        }
    }

    /// <summary>The byte behind the field belongs to another line.</summary>
    [Fact]
    public void Copy_EndsWhereTheTextDoes()
    {
        for (int length = 0; length <= 50; length++)
        {
            byte[] text = [.. Enumerable.Repeat((byte)'x', length)];
            byte[] field = new byte[length + 16];
            Assert.Equal(length, LogEscapes.Json(text, ref field[0], length));
            Assert.All(field[length..], each => Assert.Equal(0, each));
        }
    }

    private static byte[] Quoted(byte[] text)
    {
        byte[] field = new byte[256];
        return field[..LogEscapes.Quoted(text, ref field[0], field.Length)];
    }

    private static byte[] Json(byte[] text)
    {
        byte[] field = new byte[512];
        return field[..LogEscapes.Json(text, ref field[0], field.Length)];
    }
}
