using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Epoll;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Tests.Transport;

[Collection(TransportCollection.Name)]
public sealed class LoopListenerTests
{
    [LinuxFact]
    public async Task PortZero_AllLoopsShareThePickedPort()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll, loops: 3);
        Assert.NotEqual(0, ((IPEndPoint)rig.EndPoint).Port);
        var loops = new HashSet<int>();
        var peers = new List<IPeer>();
        for (int number = 0; number < 400 && loops.Count < 3; number++)
        {
            var (connection, peer) = await rig.ConnectAsync();
            loops.Add(connection.Loop.Index);
            peers.Add(peer);
        }
        Assert.Equal(3, loops.Count);
        foreach (var peer in peers) await peer.DisposeAsync();
    }

    [LinuxFact]
    public async Task PortTaken_IsReportedAlsoWhenTakenByOneOfOurs()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var factory = rig.Choice.CreateListenerFactory(static _ => true)!;
        await Assert.ThrowsAsync<AddressInUseException>(async () => await factory.BindAsync(rig.EndPoint));
    }

    [LinuxFact]
    public async Task NotOwned_IsLeftToOthers()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var owned = new IPEndPoint(IPAddress.Loopback, 8080);
        var factory = rig.Choice.CreateListenerFactory(each => each.Equals(owned));
        var selector = Assert.IsAssignableFrom<IConnectionListenerFactorySelector>(factory);
        Assert.True(selector.CanBind(owned));
        Assert.False(selector.CanBind(new IPEndPoint(IPAddress.Loopback, 8081)));
    }

    [LinuxFact]
    public async Task QueuedAtUnbind_IsStillServed()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll, loops: 2);
        var clients = new List<Socket>();
        for (int number = 0; number < 50; number++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(rig.EndPoint);
            clients.Add(client);
        }
        await rig.Listener.UnbindAsync();
        int accepted = 0;
        while (await rig.Listener.AcceptAsync() is { } connection)
        {
            accepted++;
            await connection.DisposeAsync();
        }
        Assert.Equal(clients.Count, accepted);
        foreach (var client in clients)
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]));
            client.Dispose();
        }
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await late.ConnectAsync(rig.EndPoint));
    }

    [LinuxFact]
    public async Task UnixSocket_StaleFileIsReplacedLiveOneIsNot()
    {
        string path = Path.Combine(Path.GetTempPath(), $"dp-{Guid.NewGuid():N}.sock");
        var address = new UnixDomainSocketEndPoint(path);
        BindAndLeave(path);
        Assert.True(File.Exists(path));
        await using (var rig = await TransportRig.StartAsync(TransportRig.Epoll, loops: 2, endPoint: address))
        {
            var factory = rig.Choice.CreateListenerFactory(static _ => true)!;
            await Assert.ThrowsAsync<AddressInUseException>(async () => await factory.BindAsync(address));
            // The question whether someone listens was a connection.
            await (await rig.Listener.AcceptAsync())!.DisposeAsync();
            var loops = new HashSet<int>();
            for (int number = 0; number < 4; number++)
            {
                var (connection, peer) = await rig.ConnectAsync();
                loops.Add(connection.Loop.Index);
                await peer.SendAsync("x"u8.ToArray());
                await TransportRig.OnLoopAsync(
                    connection.Loop,
                    async () =>
                    {
                        var result = await connection.Transport.Input.ReadAsync();
                        connection.Transport.Input.AdvanceTo(result.Buffer.End);
                        await connection.Transport.Output.WriteAsync("y"u8.ToArray());
                    });
                Assert.Equal("y"u8.ToArray(), await TransportRig.ReceiveAsync(peer, 1));
                await peer.DisposeAsync();
            }
            Assert.Equal(2, loops.Count);
        }
        Assert.False(File.Exists(path));
    }

    [LinuxFact]
    public async Task UnixSocketMode_IsSet()
    {
        if (!OperatingSystem.IsLinux()) return;
        string path = Path.Combine(Path.GetTempPath(), $"dp-{Guid.NewGuid():N}.sock");
        using var choice = TransportChoice.Create(TransportKind.Epoll, 1, TimeProvider.System);
        choice.Loops.Start();
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        var factory = choice.CreateListenerFactory(static _ => true, mode)!;
        await using var listener = await factory.BindAsync(new UnixDomainSocketEndPoint(path));
        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    [LinuxFact]
    public async Task AcceptFails_RestsInsteadOfSpinning()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Epoll);
        var engine = (EpollEngine)rig.Loop.Engine;
        var owner = new LoopListener(rig.EndPoint, rig.Choice.Loops, onUnbound: null);
        // Readable all the time and not to be accepted from, as a listener of a process without free descriptors.
        var listener = new EpollListener(owner, engine, OpenEvent(1, 0), dealtTo: null, MemoryPool<byte>.Shared);
        long start = 0;
        await rig.OnLoopAsync(
            () =>
            {
                start = rig.Loop.NowMs;
                listener.Open();
            });
        await TransportRig.UntilAsync(() => owner.AcceptFaults > 2, "the accept to be tried again");
        await rig.OnLoopAsync(
            () =>
            {
                long rests = (rig.Loop.NowMs - start) / TransportLimits.AcceptRestMs;
                Assert.InRange(owner.AcceptFaults, 3, rests + 2);
                listener.Close();
            });
    }

    [DllImport("libc", EntryPoint = "eventfd")]
    private static extern int OpenEvent(uint value, int flags);

    [DllImport("libc", EntryPoint = "socket")]
    private static extern int OpenSocket(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "bind")]
    private static extern int Bind(int fd, byte[] address, int length);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int CloseSocket(int fd);

    private static void BindAndLeave(string path)
    {
        var name = new UnixDomainSocketEndPoint(path).Serialize();
        int fd = OpenSocket(1, 1, 0);
        Assert.Equal(0, Bind(fd, name.Buffer[..name.Size].ToArray(), name.Size));
        Assert.Equal(0, CloseSocket(fd));
    }
}
