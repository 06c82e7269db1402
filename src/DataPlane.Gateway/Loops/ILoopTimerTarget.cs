namespace DataPlane.Gateway.Loops;

/// <summary>Is told, on the loop's thread, that one of its timers is due. Must not throw or block.</summary>
public interface ILoopTimerTarget
{
    void OnTimer(LoopTimer timer);
}
