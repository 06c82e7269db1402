using System.Text.Json;

namespace DataPlane.Tests.Http.Corpora;

internal static class CorpusBytes
{
    /// <summary>The corpora write bytes as an object with a base64 member.</summary>
    public static byte[] ReadBytes(this JsonElement element, string name) =>
        element.GetProperty(name).GetProperty("b64").GetBytesFromBase64();
}
