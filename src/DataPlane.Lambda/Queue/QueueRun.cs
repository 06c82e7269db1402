using DataPlane.Lambda.Hosting;

namespace DataPlane.Lambda.Queue;

/// <summary>How an attempt ended. <c>Answer</c> is the function's.</summary>
internal sealed record QueueRun(QueueEntry Entry, InvocationStatus Status, byte[] Answer);
