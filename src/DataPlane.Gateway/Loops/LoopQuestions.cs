namespace DataPlane.Gateway.Loops;

/// <summary>Asks a loop for what only its thread may read. Cold; allocates.</summary>
public static class LoopQuestions
{
    /// <summary>A loop that is ending may never answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Runs <paramref name="read"/> on the loop between two turns, the caller continues elsewhere. Any thread but a
    /// loop's. <see cref="TimeoutException"/> when the loop does not come to it.
    /// </summary>
    public static Task<T> AskAsync<T>(this EventLoop loop, Func<T> read)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => answer.SetResult(read()), state: null);
        return answer.Task.WaitAsync(s_patience);
    }
}
