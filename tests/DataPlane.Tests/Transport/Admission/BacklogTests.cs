using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Admission;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Tests.Transport.Admission;

/// <summary>A listener of the loops whose connections nobody takes for a while.</summary>
[Collection(TransportCollection.Name)]
public sealed class BacklogTests
{
    [LinuxFact]
    public async Task FullBacklog_StopsAccepting_AndGoesOnLater()
    {
        using var choice = TransportChoice.Create(TransportKind.Epoll, loops: 1, TimeProvider.System);
        choice.Admission.Limits = static () => new AdmissionLimits { AcceptBacklog = 2 };
        choice.Loops.Start();
        var factory = choice.CreateListenerFactory(static _ => true)!;
        var listener = (LoopListener)await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var clients = new List<Socket>();
        for (int each = 0; each < 6; each++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            clients.Add(client);
            // The kernel takes it into its queue at once.
            await client.ConnectAsync(listener.EndPoint);
        }
        await TransportRig.UntilAsync(() => choice.Admission.Pauses > 1, "the listener to rest");
        Assert.Equal(2, listener.Waiting);
        for (int each = 0; each < 6; each++)
        {
            var accepted = await listener.AcceptAsync();
            await accepted!.DisposeAsync();
            choice.Admission.Leave(choice.Admission.KeyOf(clients[0].LocalEndPoint));
        }
        Assert.Equal((0, 0), (choice.Admission.Open, choice.Admission.Addresses));
        foreach (var client in clients) client.Dispose();
        await listener.DisposeAsync();
    }
}
