namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>The same of Amazon.Lambda.Core's logger.</summary>
public interface ILambdaLogger
{
    void LogLine(string message);
}
