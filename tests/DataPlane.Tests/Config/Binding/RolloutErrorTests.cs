namespace DataPlane.Tests.Config.Binding;

public sealed class RolloutErrorTests
{
    [Fact]
    public void Absent_IsNoRollout() => Assert.Null(ConfigText.Config("routes: []").Rollout);

    [Fact]
    public void Written_IsRead()
    {
        var rollout = ConfigText.Config(
            "rollout: { steps: [0.5%, 100%], interval: 1m, abortWhen: { errorRatio: 5%, margin: 0%, minimum: 7 } }")
            .Rollout!;
        Assert.Equal<double>([0.005, 1.0], rollout.Steps.ToArray());
        Assert.Equal(TimeSpan.FromMinutes(1), rollout.Interval);
        Assert.Equal((0.05, 0.0, 7), (rollout.ErrorRatio, rollout.Margin, rollout.Minimum));
    }

    [Fact]
    public void Empty_IsTheStandardPlan() =>
        Assert.Equal<double>([0.01, 0.1, 1.0], ConfigText.Config("rollout: {}").Rollout!.Steps.ToArray());

    [Theory]
    [InlineData("[10%]", "g.yaml:1:19: rollout.steps: does not end with 100%; add 100% as the last step")]
    [InlineData("[]", "g.yaml:1:19: rollout.steps: does not end with 100%; add 100% as the last step")]
    [InlineData("[50%, 10%, 100%]",
        "g.yaml:1:25: rollout.steps[1]: is not larger than the step before it; write rising steps")]
    [InlineData("[0%, 100%]",
        "g.yaml:1:20: rollout.steps[0]: is not larger than the step before it; write rising steps")]
    [InlineData("[1, 100%]",
        "g.yaml:1:20: rollout.steps[0]: '1' is not a percentage; write a number from 0% to 100%, such as 20%")]
    public void WrongSteps_AreTold(string steps, string error) =>
        ConfigText.Fails($"rollout: {{ steps: {steps} }}", error);
}
