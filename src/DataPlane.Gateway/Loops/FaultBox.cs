namespace DataPlane.Gateway.Loops;

/// <summary>Carries an exception of a method that threw before it first suspended; never pooled.</summary>
internal sealed class FaultBox<TResult> : LoopTaskBox<TResult>
{
    protected override void Recycle()
    {
    }
}
