// Calls functions as an application does: node client.mjs ENDPOINT ACCESS_KEY SECRET, prints one line of JSON.
import {
  InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient,
} from '@aws-sdk/client-lambda';

const [endpoint, accessKeyId, secretAccessKey] = process.argv.slice(2);
const client = new LambdaClient({
  endpoint, region: 'eu-west-1', maxAttempts: 1, credentials: { accessKeyId, secretAccessKey },
});
const text = (bytes) => Buffer.from(bytes ?? []).toString();

async function call(input) {
  try {
    const answer = await client.send(new InvokeCommand(input));
    return {
      status: answer.StatusCode, error: answer.FunctionError ?? null, version: answer.ExecutedVersion ?? null,
      payload: text(answer.Payload), log: answer.LogResult ? text(Buffer.from(answer.LogResult, 'base64')) : null,
    };
  } catch (error) {
    return { status: error.$metadata?.httpStatusCode, name: error.name, reason: error.Reason ?? null };
  }
}

async function stream(input) {
  const answer = await client.send(new InvokeWithResponseStreamCommand(input));
  const seen = { chunks: [], complete: null };
  for await (const event of answer.EventStream) {
    if (event.PayloadChunk) seen.chunks.push(text(event.PayloadChunk.Payload));
    if (event.InvokeComplete) seen.complete = event.InvokeComplete;
  }
  return { status: answer.StatusCode, body: seen.chunks.join(''), complete: seen.complete };
}

console.log(JSON.stringify({
  plain: await call({ FunctionName: 'f', Payload: '{"a":1}' }),
  arn: await call({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:f', Payload: '{"a":2}' }),
  qualified: await call({ FunctionName: 'f', Qualifier: '$LATEST', LogType: 'Tail', Payload: '{"a":3}' }),
  dry: await call({ FunctionName: 'f', InvocationType: 'DryRun' }),
  thrown: await call({ FunctionName: 'f', Payload: '{"do":"throw"}' }),
  missing: await call({ FunctionName: 'g' }),
  bad: await call({ FunctionName: 'f', Payload: '{' }),
  refused: await call({ FunctionName: 'none' }),
  stream: await stream({ FunctionName: 's', Payload: '{}', LogType: 'Tail' }),
  buffered: await stream({ FunctionName: 'f', Payload: '{"a":4}' }),
  failed: await stream({ FunctionName: 'f', Payload: '{"do":"throw"}' }),
}));
