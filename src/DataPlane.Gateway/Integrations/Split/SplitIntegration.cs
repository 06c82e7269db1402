using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;

namespace DataPlane.Gateway.Integrations.Split;

/// <summary>Sends each exchange to one of several integrations, by weight and at random, so that no client is bound to
/// a side. Immutable; 0 bytes.</summary>
public sealed class SplitIntegration : IIntegration, IExplainedTarget
{
    private readonly IIntegration[] _sides;
    private readonly int[] _upTo;

    /// <summary>Weights are 0 or more and not all 0; their sum is at most <see cref="int.MaxValue"/>.</summary>
    public SplitIntegration(IReadOnlyList<(int Weight, IIntegration Integration)> sides)
    {
        _sides = new IIntegration[sides.Count];
        _upTo = new int[sides.Count];
        int total = 0;
        for (int each = 0; each < sides.Count; each++)
        {
            _sides[each] = sides[each].Integration;
            _upTo[each] = total += sides[each].Weight;
        }
    }

    public TargetExplanation Explain(Exchange exchange)
    {
        var sides = _sides.Select((side, index) =>
        {
            int weight = _upTo[index] - (index == 0 ? 0 : _upTo[index - 1]);
            string what = (side as IExplainedTarget)?.Explain(exchange).Detail ?? side.GetType().Name;
            return $"{weight} of {_upTo[^1]}: {what}";
        });
        return new TargetExplanation($"drawn anew for each request: {string.Join("; ", sides)}");
    }

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        int drawn = Random.Shared.Next(_upTo[^1]);
        int side = 0;
        while (drawn >= _upTo[side]) side++;
        return _sides[side].InvokeAsync(exchange, sink);
    }
}
