// client.mjs check URL: everything a WebSocket can do, through whatever is at the URL; says "ALL GOOD".
// client.mjs wait URL: says "OPEN", and "CLOSED code reason" when it is over.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { deepStrictEqual, strictEqual } from 'node:assert';
import WebSocket from 'ws';

const [, , mode, url] = process.argv;
const origin = 'http://example.com';

async function open(protocols, options) {
  const socket = new WebSocket(url, protocols, { origin, ...options });
  await once(socket, 'open');
  return socket;
}

async function echo(socket, data) {
  const answer = once(socket, 'message');
  socket.send(data);
  const [received, isBinary] = await answer;
  strictEqual(isBinary, typeof data !== 'string');
  deepStrictEqual(isBinary ? received : received.toString(), data);
}

async function close(socket) {
  const closed = once(socket, 'close');
  socket.close(1000, 'done');
  const [code, reason] = await closed;
  strictEqual(code, 1000);
  strictEqual(reason.toString(), 'done');
}

async function messages() {
  const socket = await open([], { perMessageDeflate: false });
  strictEqual(socket.extensions, '');
  strictEqual(socket.protocol, '');
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) await echo(socket, randomBytes(length));
  await echo(socket, 'grüße 🙂'.repeat(1000));
  await close(socket);
}

async function compression() {
  const socket = await open(['other', 'echo'], { perMessageDeflate: { threshold: 0 } });
  strictEqual(socket.extensions.split(';')[0], 'permessage-deflate');
  strictEqual(socket.protocol, 'echo');
  await echo(socket, 'again and '.repeat(100_000));
  await echo(socket, randomBytes(1 << 20));
  await close(socket);
}

async function pings() {
  const socket = await open([], { perMessageDeflate: false });
  for (let each = 0; each < 300; each++) {
    const pong = once(socket, 'pong');
    socket.ping(`ping ${each}`);
    strictEqual((await pong)[0].toString(), `ping ${each}`);
  }
  await close(socket);
}

async function fragments() {
  const socket = await open([], { perMessageDeflate: false });
  const answer = once(socket, 'message');
  for (let each = 0; each < 100; each++) {
    socket.send(`part ${each} `, { fin: false });
    if (each % 10 === 0) socket.ping();
  }
  socket.send('end', { fin: true });
  const whole = Array.from({ length: 100 }, (_, each) => `part ${each} `).join('') + 'end';
  strictEqual((await answer)[0].toString(), whole);
  await close(socket);
}

async function atOnce() {
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open([], {})));
  await Promise.all(sockets.map(async (socket, each) => {
    for (let round = 0; round < 10; round++) await echo(socket, `${each} ${round}`);
    await close(socket);
  }));
}

if (mode === 'check') {
  for (const part of [messages, compression, pings, fragments, atOnce]) {
    await part();
    console.log(part.name);
  }
  console.log('ALL GOOD');
} else {
  const socket = await open([], {});
  socket.on('close', (code, reason) => console.log(`CLOSED ${code} ${reason}`));
  await echo(socket, 'hello');
  console.log('OPEN');
}
