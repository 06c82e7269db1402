// Node's HTTP/2 by prior knowledge, for RealUpstreamTests; prints its port.
import http2 from 'node:http2';

const server = http2.createServer({ settings: { initialWindowSize: 1000 } });

server.on('stream', (stream, headers) => {
  const path = headers[':path'];
  const head = {
    ':status': 200,
    'x-line': `${headers[':method']} ${path}`,
    'x-cookie': headers.cookie ?? '',
    'x-a': headers['x-a'] ?? '',
  };
  stream.on('error', error => console.log(`stream: ${error.code}`));
  if (path === '/early') {
    stream.additionalHeaders({ ':status': 103, link: '</a>' });
    stream.respond({ ...head, 'x-long': 'v'.repeat(3000) });
    stream.end('early');
  } else if (path === '/reset') {
    stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  } else if (path === '/goaway') {
    stream.respond(head);
    stream.end('again');
    stream.session.close();
  } else {
    let sum;
    const pieces = [];
    stream.on('trailers', trailers => { sum = trailers['x-sum']; });
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => {
      stream.respond(head, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(sum ? { 'x-sum': sum } : {}));
      stream.end(Buffer.concat(pieces));
    });
  }
});

server.listen(0, '127.0.0.1', () => console.log(`PORT ${server.address().port}`));
