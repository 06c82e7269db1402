// A function as AWS's own runtime client loads it, in an image of one's own.
exports.handler = async (event, context) => {
  if (event.rawPath === '/throw') throw new RangeError('too far');
  if (event.rawPath === '/exit') process.exit(7);
  console.log('seen', event.rawPath);
  return { statusCode: 200, body: [event.rawPath, context.functionName, context.awsRequestId.length].join(' ') };
};

exports.stream = awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-kind': 'streamed' } });
  out.write('one ');
  out.write('two');
  out.end();
});
