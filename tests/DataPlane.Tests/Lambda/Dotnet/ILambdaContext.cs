namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>What the samples use of the interface that Amazon.Lambda.Core has; a bootstrap goes by its name.</summary>
public interface ILambdaContext
{
    string AwsRequestId { get; }

    string FunctionName { get; }

    string FunctionVersion { get; }

    string LogGroupName { get; }

    string LogStreamName { get; }

    string InvokedFunctionArn { get; }

    int MemoryLimitInMB { get; }

    TimeSpan RemainingTime { get; }

    ILambdaLogger Logger { get; }
}
