namespace DataPlane.Bootstrap;

/// <summary>The handler's name does not lead to a method that can be called.</summary>
internal sealed class HandlerException(string message) : Exception(message);
