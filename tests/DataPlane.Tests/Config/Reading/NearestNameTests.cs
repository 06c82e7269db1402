using DataPlane.Config.Reading;

namespace DataPlane.Tests.Config.Reading;

public sealed class NearestNameTests
{
    private static readonly string[] s_known = ["idleTimeout", "headTimeout", "connections", "to"];

    [Theory]
    [InlineData("idleTimeot", "idleTimeout")]
    [InlineData("idle-timeout", "idleTimeout")]
    [InlineData("IDLE_TIMEOUT", "idleTimeout")]
    [InlineData("conections", "connections")]
    [InlineData("conenctions", "connections")]
    [InlineData("ot", "to")]
    [InlineData("colour", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Name_FindsTheOneMeant(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, s_known));

    [Fact]
    public void VeryLongName_IsNotCompared() =>
        Assert.Null(NearestName.Find(new string('a', 1_000_000), [new string('a', 999_999)]));
}
