namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>Stands for the attribute of Amazon.Lambda.Core.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LambdaSerializerAttribute(Type serializerType) : Attribute
{
    public Type SerializerType { get; } = serializerType;
}
