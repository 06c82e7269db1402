namespace DataPlane.Gateway.Pipeline;

/// <summary>What a response says of the rate limit its request was counted under; nothing by default.</summary>
/// <param name="Fields">
/// Prerendered lines up to the number of <paramref name="Remaining"/>, or null for none (RateLimit-Policy, RateLimit).
/// </param>
/// <param name="Remaining">Units left.</param>
/// <param name="ResetSeconds">Until all are there again.</param>
/// <param name="RetryAfterSeconds">Retry-After of a refusal; 0 for none.</param>
public readonly record struct LimitNote(byte[]? Fields, long Remaining, long ResetSeconds, long RetryAfterSeconds)
{
    /// <summary>Fits every number.</summary>
    public int Bound => Fields is null && RetryAfterSeconds == 0 ? 0 : (Fields?.Length ?? 0) + 96;

    /// <summary>Writes its lines; 0 bytes.</summary>
    public void Write(ref HeadWriter writer)
    {
        if (RetryAfterSeconds > 0)
        {
            writer.Put("Retry-After: "u8);
            writer.PutNumber(RetryAfterSeconds);
            writer.Put("\r\n"u8);
        }
        if (Fields is null) return;
        writer.Put(Fields);
        writer.PutNumber(Remaining);
        writer.Put(";t="u8);
        writer.PutNumber(ResetSeconds);
        writer.Put("\r\n"u8);
    }
}
