// An echo server on a free port of loopback. Says "PORT n", and for each connection that ends "CLOSED code reason".
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 16 * 1024 * 1024,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has('echo') ? 'echo' : false),
});
server.on('listening', () => console.log(`PORT ${server.address().port}`));
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', (error) => console.log(`ERROR ${error.message}`));
  socket.on('close', (code, reason) => console.log(`CLOSED ${code} ${reason}`));
});
