using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Caching;

/// <summary>The body of a request that nobody sends.</summary>
internal sealed class NoBody : RequestBody
{
    public override bool IsEmpty => true;

    public override long Length => 0;

    public override bool IsTouched => false;

    public override ValueTask<BodyRead> ReadAsync() => new(new BodyRead(BodyStatus.End, default, IsLast: true));

    public override void Advance()
    {
    }

    public override void Park()
    {
    }

    public override void CancelRead()
    {
    }
}
