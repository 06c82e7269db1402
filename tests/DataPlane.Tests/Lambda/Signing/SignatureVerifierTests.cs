using System.Text;
using DataPlane.Lambda.Signing;

namespace DataPlane.Tests.Lambda.Signing;

/// <summary>Signatures that hold, and every way in which one does not.</summary>
public sealed class SignatureVerifierTests
{
    private const string Stamp = "20260102T030405Z";
    private static readonly DateTimeOffset s_signed = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly SigningCredentials s_credentials = new("AKIDLOCAL", "secret/key");

    [Theory]
    [InlineData(0, null, SignatureVerdict.Valid)]
    [InlineData(300, null, SignatureVerdict.Valid)]
    [InlineData(-300, null, SignatureVerdict.Valid)]
    [InlineData(301, null, SignatureVerdict.WrongTime)]
    [InlineData(-301, null, SignatureVerdict.WrongTime)]
    [InlineData(3600, 3600, SignatureVerdict.Valid)]
    [InlineData(3601, 3600, SignatureVerdict.WrongTime)]
    [InlineData(-301, 3600, SignatureVerdict.WrongTime)]
    public void ClockMayBeOffFiveMinutes(int seconds, int? lifetime, SignatureVerdict verdict)
    {
        var attempt = new Attempt { Lifetime = lifetime };
        Assert.Equal(verdict, attempt.Verify(s_signed.AddSeconds(seconds)));
    }

    [Fact]
    public void WhatIsSignedMustBeWhatCame()
    {
        Assert.Equal(SignatureVerdict.Valid, new Attempt().Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Path = "/other" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Query = "a=2" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Body = "other" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Host = "other" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Host = null }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.UnknownKey, new Attempt { AccessKey = "AKIDOTHER" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.WrongScope, new Attempt { Service = "s3" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.WrongScope, new Attempt { Day = "20260103" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Mismatch, new Attempt { Region = "eu-west-2" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Incomplete, new Attempt { Unsigned = "X-Amz-Log-Type" }.Verify(s_signed));
        Assert.Equal(SignatureVerdict.Valid, new Attempt { Unsigned = "X-Amzn-Trace-Id" }.Verify(s_signed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer abc")]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260102/r/lambda/aws4_request, SignedHeaders=host")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260102/r/lambda, SignedHeaders=host, Signature=SIG")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260102/r/lambda/aws4_request, SignedHeaders=host, Signature=ab")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a//r/lambda/aws4_request, SignedHeaders=host, Signature=SIG")]
    public void ClaimThatIsNone_IsRefused(string authorization)
    {
        string text = authorization.Replace("SIG", new string('a', 64));
        var verdict = SignatureClaim.TryRead(text, Stamp, _ => null, out var claim);
        Assert.Equal(text.Length == 0 ? SignatureVerdict.Missing : SignatureVerdict.Incomplete, verdict);
        Assert.Null(claim);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("604801")]
    [InlineData("x")]
    [InlineData(null)]
    public void PresignedWithoutAProperLifetime_IsRefused(string? lifetime)
    {
        var parameters = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256",
            ["X-Amz-Credential"] = "a/20260102/r/lambda/aws4_request",
            ["X-Amz-SignedHeaders"] = "host",
            ["X-Amz-Signature"] = new string('a', 64),
            ["X-Amz-Date"] = Stamp,
            ["X-Amz-Expires"] = lifetime,
        };
        Assert.Equal(
            SignatureVerdict.Incomplete,
            SignatureClaim.TryRead(null, null, name => parameters.GetValueOrDefault(name), out _));
        parameters["X-Amz-Expires"] = "60";
        Assert.Equal(
            SignatureVerdict.Valid,
            SignatureClaim.TryRead(null, null, name => parameters.GetValueOrDefault(name), out var claim));
        Assert.Equal(TimeSpan.FromMinutes(1), claim!.Lifetime);
    }

    [Fact]
    public void Credentials_DoNotPrintTheirSecret() => Assert.Equal("AKIDLOCAL", $"{s_credentials}");

    /// <summary>A request signed rightly, then changed.</summary>
    private sealed class Attempt
    {
        public int? Lifetime { get; init; }

        public string Path { get; init; } = "/2015-03-31/functions/f/invocations";

        public string Query { get; init; } = "a=1";

        public string Body { get; init; } = "{}";

        public string? Host { get; init; } = "localhost:8081";

        public string AccessKey { get; init; } = s_credentials.AccessKey;

        public string Day { get; init; } = Stamp[..8];

        public string Region { get; init; } = "eu-west-1";

        public string Service { get; init; } = "lambda";

        public string? Unsigned { get; init; }

        public SignatureVerdict Verify(DateTimeOffset now)
        {
            byte[] signature = new byte[RequestSigner.SignatureBytes];
            var signer = new RequestSigner();
            signer.Fields.Add("Host"u8, "localhost:8081"u8);
            signer.Fields.Add("X-Amz-Date"u8, Encoding.ASCII.GetBytes(Stamp));
            signer.Fields.Sort();
            var right = Request("/2015-03-31/functions/f/invocations", "a=1", "{}");
            var key = new SigningKey(s_credentials.SecretKey, "20260102"u8, "eu-west-1", "lambda");
            signer.Sign(in right, Encoding.ASCII.GetBytes(Stamp), key, signature);
            var claim = new SignatureClaim
            {
                AccessKey = AccessKey,
                Day = Day,
                Region = Region,
                Service = Service,
                FieldNames = ["host", "x-amz-date"],
                Signature = signature,
                Time = Stamp,
                Lifetime = Lifetime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            };
            var verifier = new SignatureVerifier([s_credentials], "lambda", new FixedTime(now));
            var came = Request(Path, Query, Body);
            string[] names = Unsigned is null ? ["Host", "X-Amz-Date"] : ["Host", "X-Amz-Date", Unsigned];
            return verifier.Verify(in came, claim, names, name => name switch
            {
                "host" => Host is null ? [] : [Host],
                "x-amz-date" => [Stamp],
                _ => [],
            });
        }

        private static SignableRequest Request(string path, string query, string body)
        {
            byte[] hash = new byte[PayloadDigest.Bytes];
            PayloadDigest.Write(Encoding.UTF8.GetBytes(body), hash);
            return new SignableRequest
            {
                Method = "POST"u8,
                Path = Encoding.ASCII.GetBytes(path),
                Query = Encoding.ASCII.GetBytes(query),
                PayloadHash = hash,
            };
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
