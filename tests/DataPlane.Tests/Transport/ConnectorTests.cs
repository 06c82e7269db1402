using System.Buffers;
using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.InMemory;

namespace DataPlane.Tests.Transport;

[Collection(TransportCollection.Name)]
public sealed class ConnectorTests
{
    public static TheoryData<string> SocketKinds => TransportRig.SocketKinds;

    [Theory, MemberData(nameof(SocketKinds))]
    public async Task Listening_Connects(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var listener = Listen(new IPEndPoint(address, 0));
            await EchoOnceAsync(rig, listener);
        }
    }

    [Theory, MemberData(nameof(SocketKinds))]
    public async Task UnixSocket_Connects(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        string path = Path.Combine(Path.GetTempPath(), $"dp-{Guid.NewGuid():N}.sock");
        using (var listener = Listen(new UnixDomainSocketEndPoint(path))) await EchoOnceAsync(rig, listener);
        File.Delete(path);
        Assert.Equal(ConnectFault.Unreachable, await FaultAsync(rig, new UnixDomainSocketEndPoint(path), kind));
    }

    [Theory, MemberData(nameof(SocketKinds))]
    public async Task NobodyListens_Refused(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        EndPoint free;
        using (var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0))) free = listener.LocalEndPoint!;
        for (int round = 0; round < 50; round++)
            Assert.Equal(ConnectFault.Refused, await FaultAsync(rig, free, kind));
    }

    [Theory, MemberData(nameof(SocketKinds))]
    public async Task NoAnswer_TimesOut(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        // Once its queue is full, Linux drops what arrives: nobody answers.
        var fault = ConnectFault.None;
        var queued = new List<LoopConnection>();
        for (int attempt = 0; attempt < 20 && fault == ConnectFault.None; attempt++)
        {
            await rig.OnLoopAsync(
                async () =>
                {
                    var result = await rig.Choice.Connector.ConnectAsync(listener.LocalEndPoint!, rig.Loop, 100);
                    fault = result.Fault;
                    if (result.Connection is not null) queued.Add(result.Connection);
                });
        }
        Assert.Equal(ConnectFault.TimedOut, fault);
        foreach (var connection in queued) await connection.DisposeAsync();
    }

    [Theory, MemberData(nameof(SocketKinds))]
    public async Task NotAnAddress_IsAFaultAndNoException(string kind)
    {
        await using var rig = await TransportRig.StartAsync(kind);
        Assert.Equal(ConnectFault.Other, await FaultAsync(rig, new DnsEndPoint("localhost", 80), kind));
    }

    [Fact]
    public async Task InMemory_ConnectsToWhoListensAndRefusesElse()
    {
        await using var rig = await TransportRig.StartAsync(TransportRig.Memory);
        var connector = new InMemoryConnector();
        var address = new IPEndPoint(IPAddress.Loopback, 1);
        InMemoryConnection? far = null;
        connector.Listen(address, accepted => far = accepted);
        await rig.OnLoopAsync(
            async () =>
            {
                var near = (await connector.ConnectAsync(address, rig.Loop, 1000)).Connection!;
                await near.Transport.Output.WriteAsync("hello"u8.ToArray());
                await Task.Yield();
                var result = await far!.Transport.Input.ReadAsync();
                Assert.Equal("hello"u8.ToArray(), result.Buffer.ToArray());
                far.Transport.Input.AdvanceTo(result.Buffer.End);
                near.Close();
                far.Close();
                connector.Stop(address);
                Assert.Equal(ConnectFault.Refused, (await connector.ConnectAsync(address, rig.Loop, 1000)).Fault);
            });
        Assert.Equal(1, connector.Connects);
    }

    private static Socket Listen(EndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        return listener;
    }

    private static async Task<ConnectFault> FaultAsync(TransportRig rig, EndPoint address, string kind)
    {
        var fault = ConnectFault.None;
        await rig.OnLoopAsync(
            async () =>
            {
                var result = await rig.Choice.Connector.ConnectAsync(address, rig.Loop, 5000);
                Assert.Null(result.Connection);
                Assert.True(rig.Loop.IsCurrent, kind);
                fault = result.Fault;
            });
        return fault;
    }

    private static async Task EchoOnceAsync(TransportRig rig, Socket listener)
    {
        var accept = listener.AcceptAsync();
        var exchange = rig.OnLoopAsync(
            async () =>
            {
                var result = await rig.Choice.Connector.ConnectAsync(listener.LocalEndPoint!, rig.Loop, 5000);
                Assert.True(rig.Loop.IsCurrent);
                var connection = result.Connection!;
                Assert.Equal(ConnectFault.None, result.Fault);
                Assert.Equal(listener.LocalEndPoint!.ToString(), connection.RemoteEndPoint?.ToString());
                await connection.Transport.Output.WriteAsync("ping"u8.ToArray());
                var read = await connection.Transport.Input.ReadAsync();
                Assert.Equal("pong"u8.ToArray(), read.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                connection.Close();
            });
        using var accepted = await accept.WaitAsync(TransportRig.Patience);
        byte[] four = new byte[4];
        Assert.Equal(4, await accepted.ReceiveAsync(four));
        Assert.Equal("ping"u8.ToArray(), four);
        await accepted.SendAsync("pong"u8.ToArray());
        await exchange;
    }
}
