// The demo's function for Node. Change it while the gateway runs: the next answer is the new one.
export const handler = async (event, context) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    greeting: `Hello, ${event.pathParameters.name}, from Node!`,
    requestId: context.awsRequestId,
    remainingMs: context.getRemainingTimeInMillis(),
  }) + '\n',
});
