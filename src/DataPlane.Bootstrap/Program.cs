namespace DataPlane.Bootstrap;

/// <summary>
/// Runs a handler <c>Assembly::Type::Method</c> of a class library: asks the Runtime API for an event, calls the
/// method, posts what it returned, and asks again, over the socket the process was born with.
/// </summary>
internal static class Program
{
    public static async Task<int> Main()
    {
        using var runtime = new RuntimeSocket();
        var log = HandlerLog.OfConsole();
        HandlerMethod handler;
        try
        {
            handler = HandlerMethod.Find(
                Environment.GetEnvironmentVariable("_HANDLER") ?? "",
                Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT") ?? ".");
        }
        catch (Exception failure)
        {
            log.Write("fail", failure.ToString());
            runtime.PostError("init/error", FunctionError.Describe(failure), asksNext: false);
            return 1;
        }
        runtime.AskNext();
        while (runtime.TryReadEvent(out string head, out byte[] body))
        {
            var invocation = new InvocationContext(head, log);
            log.Begin(invocation);
            Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation.TraceId);
            await RunAsync(runtime, handler, invocation, body);
        }
        return 0;
    }

    private static async Task RunAsync(
        RuntimeSocket runtime, HandlerMethod handler, InvocationContext invocation, byte[] body)
    {
        byte[] answer;
        try
        {
            answer = await handler.CallAsync(body, invocation);
        }
        catch (Exception failure)
        {
            var told = FunctionError.Describe(failure);
            invocation.Log.Write("fail", failure.ToString());
            runtime.PostError($"invocation/{invocation.AwsRequestId}/error", told, asksNext: true);
            return;
        }
        runtime.PostResponse(invocation.AwsRequestId, answer);
    }
}
