using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// What an HTTP/1.1 connection rents for the time of one exchange: the exchange, its body and its sink. An idle
/// connection has none of them.
/// </summary>
internal sealed class Http1Turn
{
    public Http1Turn(EventLoop loop)
    {
        Exchange = new Exchange(loop);
        Body = new Http1RequestBody();
        Sink = new Http1ResponseSink(Exchange);
    }

    public Exchange Exchange { get; }

    public Http1RequestBody Body { get; }

    public Http1ResponseSink Sink { get; }

    /// <summary>Head bytes copied so far from reads that did not hold the whole head; 0 in the common case.</summary>
    public int GatheredBytes { get; set; }

    public void Begin(Http1Connection connection)
    {
        Exchange.Listener = connection.Listener;
        Exchange.Lot = connection.Lot;
        Exchange.Client = connection.Client;
        Exchange.Facts = connection.Facts;
        Exchange.Connection = connection;
        Exchange.Body = Body;
        Body.Begin(connection, Exchange);
        Sink.Begin(connection);
    }

    public void Reset()
    {
        GatheredBytes = 0;
        Exchange.Reset();
        Body.Reset();
        Sink.Reset();
    }
}
