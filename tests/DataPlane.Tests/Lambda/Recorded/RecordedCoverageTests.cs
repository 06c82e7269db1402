using System.Text.RegularExpressions;
using DataPlane.Tests.Architecture;

namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>Every recording about functions is compared by a test, or stands here with the reason why not.</summary>
public sealed class RecordedCoverageTests
{
    private static readonly string[] s_files =
    [
        "lambda__test_lambda.snapshot.json", "lambda__test_lambda_common.snapshot.json",
        "lambda__test_lambda_destinations.snapshot.json", "lambda__test_lambda_runtimes.snapshot.json",
    ];

    /// <summary>What the other tests of this folder compare, besides <see cref="RecordedCases"/>.</summary>
    private static readonly string[] s_compared =
    [
        // RecordedLambdaTests
        "TestLambdaURL::test_lambda_url_invocation\\[.*",
        // RecordedSequenceTests
        "TestLambdaBehavior::test_lambda_cache_local\\[.*",
        "TestLambdaBehavior::test_lambda_invoke_timed_out_environment_reuse",
        "TestLambdaFeatures::test_lambda_(environment|with_context)", "TestLambdaFeatures::test_upload_lambda_from_s3",
        "TestNodeJSRuntimes::test_invoke_nodejs_es6_lambda\\[nodejs20.x\\]",
        "TestLambdaURL::test_function_url_with_response_streaming",
        // RecordedEnvironmentTests
        "TestLambdaRuntimesCommon::test_introspection_invoke\\[(nodejs20.x|python3.11|provided.al2023|dotnet10)\\]",
        // RecordedLogTests
        "TestLambdaFeatures::test_invocation_with_logs\\[.*", "TestRequestIdHandling::test_request_id_invoke(_url)?",
        "TestRequestIdHandling::test_request_id_async_invoke_with_retry", "TestCloudwatchLogs::test_multi_line_prints",
        // RecordedEventTests
        "TestLambdaURL::test_lambda_url_echo_http_fixture_.*", "TestLambdaURL::test_lambda_url_form_payload",
        // RecordedDestinationTests
        "TestLambdaDestinationSqs::.*", "TestLambdaDestinationEventbridge::.*", "TestLambdaDLQ::.*",
        "TestLambdaConcurrency::test_reserved_concurrency",
    ];

    private static readonly (string Pattern, string Reason)[] s_left =
    [
        ("TestLambdaAliases::.*", "there is one version of a function, $LATEST"),
        ("TestLambdaVersions::test_lambda_(versions_with_code_changes|handler_update)", "the same"),
        ("TestLambdaFeatures::test_invocation_with_qualifier", "the same"),
        ("TestLambdaVersions::test_(async_invoke_queue_upon_function_update|function_update_during_invoke)",
            "an update is a call of AWS's control API; FunctionLifeTests changes the code's files"),
        ("TestLambdaURL::.*(config|echo_invoke|invoke_mode|invocation_exception|alias_delete).*",
            "control API: a URL is a route"),
        ("TestLambdaPermissions::.*", "who may call is the listener's and the route's business"),
        ("TestLambdaConcurrency::.*(crud|update|block|provisioned|overlap).*",
            "control API: concurrency is in the configuration"),
        ("TestLambdaBaseFeatures::test_(function_state|lambda_different_iam_keys_environment|assume_role.*)",
            "control API, and roles of AWS"),
        ("TestLambdaCleanup::.*|TestLambdaBehavior::test_mixed_architecture", "control API"),
        ("TestLambdaBehavior::test_lambda_init_environment",
            "the variables of test_introspection_invoke, of another version of Python"),
        ("TestLambdaBehavior::test_runtime_introspection_.*", "users and folders of AWS's images"),
        ("TestLambdaBehavior::test_runtime_ulimits", "limits are settings: files, processes, memory"),
        ("TestLambdaBehavior::test_lambda_host_prefix_api_operation", "calls AWS"),
        ("TestLambdaErrors::test_lambda_runtime_exit_segfault",
            "AWS lets the timeout pass; here the invocation ends with the process, by its signal"),
        ("TestLambdaRuntimesCommon::test_runtime_wrapper_invoke.*", "only what creating the function answered"),
        ("TestJavaRuntimes::.*|.*\\[(java|ruby).*\\]", "these runtimes are not hosted"),
        ("TestGoProvidedRuntimes::.*|.*uncaught_exception_invoke\\[provided.*\\]",
            "the function's own client makes the error; RuntimeApiTests passes on what a client posts"),
        (".*uncaught_exception_invoke\\[dotnet.*\\]", "ClassLibraryTests, with the cause that is thrown there"),
        (".*\\[(python3|nodejs|dotnet|provided\\.al2).*\\]",
            "another version of a runtime that is compared; one of each kind is on the machine"),
    ];

    [Fact]
    public void EveryRecording_IsComparedOrLeftForAReason()
    {
        if (!Snapshots.TryRead(s_files, out var recorded)) return;
        string[] cases = [.. RecordedCases.All.Select(each => each.Test)];
        Findings.AssertNone(recorded
            .Where(each => each.Content.EnumerateObject().Any())
            .Select(each => each.Test)
            .Where(test => !cases.Contains(test, StringComparer.Ordinal)
                && !s_compared.Concat(s_left.Select(each => each.Pattern)).Any(pattern => Fits(test, pattern))));
    }

    private static bool Fits(string test, string pattern) =>
        Regex.IsMatch(test, $"^({pattern})$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
}
