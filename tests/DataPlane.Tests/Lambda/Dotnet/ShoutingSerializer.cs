using System.Text.Json;

namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>Has the shape of Amazon.Lambda.Core's serializers, and is easily told from the standard one.</summary>
public sealed class ShoutingSerializer
{
    public T Deserialize<T>(Stream requestStream) => JsonSerializer.Deserialize<T>(requestStream)!;

    public void Serialize<T>(T response, Stream responseStream)
    {
        using var writer = new StreamWriter(responseStream, leaveOpen: true);
        writer.Write(JsonSerializer.Serialize(response).ToUpperInvariant());
    }
}
