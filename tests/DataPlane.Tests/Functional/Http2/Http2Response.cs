using System.Globalization;
using System.Text;

namespace DataPlane.Tests.Functional.Http2;

/// <summary>What came on one stream until it ended, one way or the other.</summary>
internal sealed record Http2Response(
    List<(string Name, string Value)> Fields, byte[] Body, List<(string Name, string Value)> Trailers, int? ResetCode)
{
    /// <summary>0 when none came.</summary>
    public int Status => Field(":status") is { } status ? int.Parse(status, CultureInfo.InvariantCulture) : 0;

    public string Text => Encoding.Latin1.GetString(Body);

    public string? Field(string name) => ValueOf(Fields, name);

    public string? Trailer(string name) => ValueOf(Trailers, name);

    private static string? ValueOf(List<(string Name, string Value)> fields, string name)
    {
        var values = fields.Where(field => field.Name == name).Select(field => field.Value).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }
}
