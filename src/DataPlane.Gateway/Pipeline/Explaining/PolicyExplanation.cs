namespace DataPlane.Gateway.Pipeline.Explaining;

/// <summary>What a policy would do with a request.</summary>
/// <param name="Kind">As in the configuration.</param>
/// <param name="Name">Of a named policy, else its route's.</param>
/// <param name="Verdict"><c>continue</c>, or <c>reply</c> with a status.</param>
/// <param name="Detail">Why, for people.</param>
public sealed record PolicyExplanation(string Kind, string Name, string Verdict, string Detail)
{
    public const string Continues = "continue";

    /// <summary>How the exchange would end if it does not continue.</summary>
    public ExchangeOutcome Outcome { get; init; }

    public bool Replies => Verdict != Continues;
}
