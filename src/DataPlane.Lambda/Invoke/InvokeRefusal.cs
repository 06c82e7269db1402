namespace DataPlane.Lambda.Invoke;

/// <summary>Why a request may not invoke, in AWS's words.</summary>
internal sealed record InvokeRefusal(string Type, string Text);
