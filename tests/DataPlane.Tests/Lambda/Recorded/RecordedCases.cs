namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>
/// The recorded answers that concern invoking, errors, timeouts and concurrency. The other snapshots are about creating
/// and changing functions, versions, aliases, permissions and runtimes that are not here.
/// </summary>
internal static class RecordedCases
{
    private const string Behavior = "TestLambdaBehavior::";
    private const string Errors = "TestLambdaErrors::";
    private const string Features = "TestLambdaFeatures::";
    private const string Common = "TestLambdaRuntimesCommon::";
    private const string Uncaught = Common + "test_uncaught_exception_invoke";

    public static RecordedCase[] All { get; } =
    [
        new(Features + "test_invocation_type_request_response[python3.10]", "invoke-result", "python"),
        new(Features + "test_invocation_type_request_response[nodejs16.x]", "invoke-result", "node"),
        new(Features + "test_invocation_type_event[python3.10]", "invoke-result", "python") { Type = "Event" },
        new(Features + "test_invocation_type_event[nodejs16.x]", "invoke-result", "node") { Type = "Event" },
        new(Features + "test_invocation_type_dry_run[python3.10]", "invoke-result", "python") { Type = "DryRun" },
        new(Features + "test_invocation_type_dry_run[nodejs16.x]", "invoke-result", "node") { Type = "DryRun" },
        new(Features + "test_invocation_type_no_return_payload[python-RequestResponse]", "invoke-result",
            "python", """{"do":"nothing"}"""),
        new(Features + "test_invocation_type_no_return_payload[nodejs-RequestResponse]", "invoke-result",
            "node", """{"do":"nothing"}"""),
        new(Features + "test_invocation_type_no_return_payload[python-Event]", "invoke-result", "python")
        {
            Type = "Event",
        },
        new(Features + "test_invocation_type_no_return_payload[nodejs-Event]", "invoke-result", "node")
        {
            Type = "Event",
        },
        new(Features + "test_invocation_type_event_error", "invocation_response", "python", """{"do":"fail"}""")
        {
            Type = "Event",
        },
        new(Features + "test_basic_invoke", "lambda_invoke_result", "python"),
        new(Features + "test_invocation_type_request_response[python3.9]", "invoke-result", "python"),
        new(Features + "test_invoke_exceptions", "invoke_function_doesnotexist", "doesnotexist"),
        new(Errors + "test_lambda_handler_error", "invocation_error", "python", """{"do":"fail"}"""),
        new(Errors + "test_lambda_handler_exit", "invocation_error", "python", """{"do":"exit"}"""),
        new(Errors + "test_lambda_runtime_exit", "invocation_error", "exiting"),
        new(Errors + "test_lambda_runtime_error", "invocation_error", "raising"),
        new(Errors + "test_lambda_runtime_wrapper_not_found", "invocation_error", "wrapped"),
        new(Errors + "test_lambda_invoke_payload_encoding_error[body-n\\x87r\\x9e\\xe9\\xb5\\xd7I\\xee\\x9bmt]",
            "invoke_function_invalid_payload_body", "python", "n\u0087r\u009e\u00e9\u00b5\u00d7I\u00ee\u009bmt"),
        new(Errors + "test_lambda_invoke_payload_encoding_error[message-\\x99\\xeb,j\\x07\\xa1zYh]",
            "invoke_function_invalid_payload_message", "python", "\u0099\u00eb,j\u0007\u00a1zYh"),
        new("TestLambdaBaseFeatures::test_lambda_too_large_response", "invoke_result", "node", """{"do":"large"}"""),
        new("TestLambdaBaseFeatures::test_lambda_too_large_response", "invoke_result_2", "node", """{"do":"large"}"""),
        new(Behavior + "test_lambda_invoke_with_timeout", "invoke-result", "node", """{"do":"wait"}"""),
        new(Behavior + "test_lambda_invoke_no_timeout", "invoke-result", "node", """{"do":"nothing"}"""),
        new("TestLambdaConcurrency::test_reserved_concurrency_async_queue", "too_many_requests_exc", "none"),
        new(Uncaught + "[nodejs20.x]", "error_result", "node", """{"do":"throw"}"""),
        new(Uncaught + "[nodejs18.x]", "error_result", "node", """{"do":"throw"}"""),
        new(Uncaught + "[python3.11]", "error_result", "python", """{"do":"throw"}"""),
        new(Uncaught + "[python3.12]", "error_result", "python", """{"do":"throw"}"""),
    ];

    /// <summary>What a function URL answers, and the value its function returned.</summary>
    public static (string Case, string Value)[] Urls { get; } =
    [
        ("dict", """{"hello":"world"}"""),
        ("http-response", """{"statusCode":200,"body":"body123"}"""),
        ("http-response-json", """{"statusCode":200,"body":"{\"hello\": \"world\"}"}"""),
        ("list-mixed", """["hello",3,true]"""),
        ("string", "\"hello\""),
        ("integer", "3"),
        ("float", "3.1"),
        ("boolean", "true"),
    ];
}
