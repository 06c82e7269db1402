using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// An address of the Runtime API for one environment. Official clients want a host and a port and nothing more, so what
/// cannot be guessed is the address itself: one of 16 million of 127.0.0.0/8, with a port of the kernel's choice.
/// </summary>
internal static class RuntimeAddress
{
    private const int Tries = 8;

    /// <summary>Null when the kernel refuses.</summary>
    public static Socket? TryListen()
    {
        Span<byte> address = stackalloc byte[4];
        for (int left = Tries; left > 0; left--)
        {
            RandomNumberGenerator.Fill(address);
            address[0] = 127;
            // Neither a network's first nor its last address.
            if (address[3] is 0 or 255) continue;
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(new IPAddress(address), 0));
                socket.Listen(LambdaLimits.RuntimeConnections);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
        return null;
    }
}
