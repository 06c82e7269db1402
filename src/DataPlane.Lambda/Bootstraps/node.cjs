// Runs a Lambda handler for Node on a socket that is already open (descriptor 3): the Runtime API in the few bytes it
// needs. The answer to one event and the question for the next leave in one write. It is no ES module, and loads the
// function's modules by require() where Node can: the loader for the others takes a tenth of a start.
'use strict';

// Node's own modules lie compiled in its program, for V8 with its flags as they are by default: with others each of them
// is compiled again, 5 ms for the socket alone. The heap has taken its bounds when it was made, so the flags may go back.
try {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const { setFlagsFromString } = process.binding('v8');
    setFlagsFromString('--max-old-space-size=0');
    setFlagsFromString('--max-semi-space-size=0');
  } finally {
    process.emitWarning = emitWarning;
  }
} catch {
  // A Node without it starts later.
}

const { Socket } = require('node:net');
const { createRequire } = require('node:module');
const { existsSync, readFileSync, writeSync } = require('node:fs');
const { Writable } = require('node:stream');
const { format } = require('node:util');
const path = require('node:path');

const API = '/2018-06-01/runtime/';
const NEXT = `GET ${API}invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n`;
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const STREAM_SETTINGS = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const env = process.env;

let requestId = '';
let pending = null; // the invocation under way; null between two
let handler = null;

// ---- the socket -----------------------------------------------------------------------------------------------------

let kept = null; // what came of an answer that is not whole
let room = null; // where a large one is gathered, once its length is known
const socket = new Socket({
  fd: 3, readable: true, writable: true,
  onread: { buffer: Buffer.allocUnsafeSlow(256 * 1024), callback: onBytes },
});
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));

function onBytes(count, buffer) {
  let bytes = buffer.subarray(0, count);
  if (kept) bytes = join(bytes);
  let at = 0;
  while (at < bytes.length) {
    const headEnd = bytes.indexOf('\r\n\r\n', at, 'latin1');
    if (headEnd < 0) break;
    const head = bytes.latin1Slice(at, headEnd);
    const length = +fieldOf(head, 'Content-Length');
    if (bytes.length - headEnd - 4 < length) {
      if (at === 0) return hold(bytes, headEnd + 4 + length);
      break;
    }
    at = headEnd + 4 + length;
    // Everything else acknowledges what was posted.
    if (head.startsWith('HTTP/1.1 200')) run(head, bytes.utf8Slice(headEnd + 4, at));
  }
  room = null;
  kept = at < bytes.length ? Buffer.from(bytes.subarray(at)) : null;
  return true;
}

// A large event comes in many pieces: each is put where it belongs, instead of joining them again and again.
function hold(bytes, total) {
  if (room === null) {
    room = Buffer.allocUnsafeSlow(total);
    bytes.copy(room);
  }
  kept = room.subarray(0, bytes.length);
  return true;
}

function join(bytes) {
  if (room === null || kept.length + bytes.length > room.length) {
    room = null;
    return Buffer.concat([kept, bytes]);
  }
  bytes.copy(room, kept.length);
  return room.subarray(0, kept.length + bytes.length);
}

function fieldOf(head, name) {
  const start = head.indexOf(`\r\n${name}: `);
  if (start < 0) return '';
  const value = start + name.length + 4;
  const end = head.indexOf('\r\n', value);
  return end < 0 ? head.slice(value) : head.slice(value, end);
}

// ---- answers --------------------------------------------------------------------------------------------------------

function post(id, kind, extra, body, asksNext) {
  const length = Buffer.byteLength(body);
  const where = id === null ? 'init/error' : `invocation/${id}/${kind}`;
  socket.write(`POST ${API}${where} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n${extra}`
    + `Content-Length: ${length}\r\n\r\n${body}${asksNext ? NEXT : ''}`);
}

function succeed(invocation, result) {
  if (invocation !== pending) return;
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
    if (text === undefined) text = 'null';
  } catch (error) {
    return fail(invocation, new Error('Unable to stringify response body', { cause: error }));
  }
  pending = null;
  post(invocation.id, 'response', '', text, true);
}

function describe(error) {
  const isError = error instanceof Error
    || (error !== null && typeof error === 'object' && error.name && error.message && error.stack);
  if (isError) {
    return {
      errorType: error.name?.replace(/\x7F/g, '%7F') ?? 'Error',
      errorMessage: error.message?.replace(/\x7F/g, '%7F') ?? '',
      trace: error.stack?.replace(/\x7F/g, '%7F').split('\n') ?? [],
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function fail(invocation, error, exits) {
  if (invocation !== pending && !exits) return;
  const told = describe(error);
  logError('Invoke Error', told);
  pending = null;
  post(invocation.id, 'error', typeLine(told), JSON.stringify(told), !exits);
}

function typeLine(told) {
  return `Lambda-Runtime-Function-Error-Type: ${String(told.errorType).replace(/[^\x20-\x7e]/g, '?')}\r\n`;
}

function logError(what, told) {
  if (isJson) {
    return put('ERROR', { message: {
      errorType: told.errorType, errorMessage: told.errorMessage, stackTrace: told.trace, ...told.extra,
    } });
  }
  write('ERROR', `${what} \t${JSON.stringify({
    errorType: told.errorType, errorMessage: told.errorMessage, stack: told.trace, ...told.extra,
  })}`);
}

function dieOf(kind, error) {
  const told = describe(error);
  told.errorType = kind === 'unhandledRejection' ? 'Runtime.UnhandledPromiseRejection' : told.errorType;
  if (kind === 'unhandledRejection') told.errorMessage = String(error);
  logError(kind === 'unhandledRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception', told);
  const id = pending ? pending.id : null;
  pending = null;
  const code = kind === 'unhandledRejection' ? 128 : 129;
  if (id === null && handler !== null) process.exit(code);
  post(id, 'error', typeLine(told), JSON.stringify(told), false);
  socket.end(() => process.exit(code));
}

process.on('uncaughtException', (error) => dieOf('uncaughtException', error));
process.on('unhandledRejection', (error) => dieOf('unhandledRejection', error));

// ---- one event ------------------------------------------------------------------------------------------------------

class Context {
  #deadline;
  #invocation;
  constructor(head, invocation) {
    this.callbackWaitsForEmptyEventLoop = true;
    this.functionVersion = env.AWS_LAMBDA_FUNCTION_VERSION;
    this.functionName = env.AWS_LAMBDA_FUNCTION_NAME;
    this.memoryLimitInMB = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
    this.logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME;
    this.logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME;
    this.clientContext = parsed(fieldOf(head, 'Lambda-Runtime-Client-Context'));
    this.identity = parsed(fieldOf(head, 'Lambda-Runtime-Cognito-Identity'));
    this.invokedFunctionArn = fieldOf(head, 'Lambda-Runtime-Invoked-Function-Arn');
    this.awsRequestId = invocation.id;
    this.#deadline = +fieldOf(head, 'Lambda-Runtime-Deadline-Ms');
    this.#invocation = invocation;
    this.getRemainingTimeInMillis = () => this.#deadline - Date.now();
    this.done = (error, result) => finish(this.#invocation, this, error, result);
    this.fail = (error) => finish(this.#invocation, this, error ?? 'handled', undefined);
    this.succeed = (result) => finish(this.#invocation, this, null, result);
  }
}

function parsed(text) {
  return text ? JSON.parse(text) : undefined;
}

// As in Lambda, the callback's answer leaves when nothing is left to do, unless the handler says otherwise.
function finish(invocation, context, error, result) {
  if (invocation !== pending || invocation.isFinished) return;
  invocation.isFinished = true;
  const leave = () => {
    if (error !== null && error !== undefined) fail(invocation, error);
    else succeed(invocation, result);
  };
  if (context.callbackWaitsForEmptyEventLoop) return whenEmpty(leave);
  whenEmpty(null);
  setImmediate(leave);
}

// The socket alone would keep the loop from ever being empty: it does not count while this is waited for.
let atEmpty = null;
function whenEmpty(then) {
  atEmpty = then;
  if (then) socket.unref();
  else socket.ref();
}

process.on('beforeExit', () => {
  const then = atEmpty;
  whenEmpty(null);
  then?.();
});

function run(head, body) {
  const invocation = { id: fieldOf(head, 'Lambda-Runtime-Aws-Request-Id'), isFinished: false };
  pending = invocation;
  requestId = invocation.id;
  env._X_AMZN_TRACE_ID = fieldOf(head, 'Lambda-Runtime-Trace-Id');
  try {
    const event = JSON.parse(body);
    const context = new Context(head, invocation);
    if (handler[STREAMING]) return void stream(event, context, invocation);
    const result = handler(event, context, (error, value) => finish(invocation, context, error, value));
    if (result !== null && typeof result?.then === 'function') {
      result.then((value) => succeed(invocation, value), (error) => fail(invocation, error));
    } else if (!invocation.isFinished) {
      // A plain value is dropped, as Lambda does: the callback may still be called until nothing is left to do.
      whenEmpty(() => succeed(invocation, null));
    }
  } catch (error) {
    fail(invocation, error);
  }
}

// ---- response streaming ---------------------------------------------------------------------------------------------

class ResponseStream extends Writable {
  constructor(invocation, highWaterMark) {
    super({ highWaterMark });
    this.invocation = invocation;
    this.contentType = 'application/octet-stream';
    this.isStarted = false;
  }

  setContentType(type) {
    if (this.isStarted) throw new Error('Cannot set content-type, too late.');
    this.contentType = type;
  }

  start() {
    if (this.isStarted) return;
    this.isStarted = true;
    socket.write(`POST ${API}invocation/${this.invocation.id}/response HTTP/1.1\r\nHost: runtime\r\n`
      + `Content-Type: ${this.contentType}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n`
      + 'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n'
      + 'Transfer-Encoding: chunked\r\n\r\n');
    this._onBeforeFirstWrite?.((bytes) => this.chunk(bytes));
  }

  chunk(bytes) {
    if (bytes.length === 0) return true;
    socket.write(`${bytes.length.toString(16)}\r\n`);
    socket.write(bytes);
    return socket.write('\r\n');
  }

  _write(bytes, encoding, done) {
    const data = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, encoding);
    this.start();
    if (this.chunk(data)) done();
    else socket.once('drain', done);
  }

  write(data, ...rest) {
    const isBytes = typeof data === 'string' || data instanceof Uint8Array;
    return super.write(isBytes ? data : JSON.stringify(data), ...rest);
  }

  _final(done) {
    this.start();
    pending = null;
    socket.write('0\r\n\r\n' + NEXT);
    done();
  }

  breakOff(error) {
    if (this.writableFinished || pending !== this.invocation) return;
    if (!this.isStarted) return fail(this.invocation, error);
    const told = describe(error);
    logError('Invoke Error', told);
    pending = null;
    const body = Buffer.from(JSON.stringify(told)).toString('base64');
    socket.write(`0\r\n${typeLine(told)}Lambda-Runtime-Function-Error-Body: ${body}\r\n\r\n` + NEXT);
  }
}

async function stream(event, context, invocation) {
  const response = new ResponseStream(invocation, handler[STREAM_SETTINGS]);
  try {
    await handler(event, response, context);
    if (!response.writableEnded) response.end();
  } catch (error) {
    response.breakOff(error);
  }
}

globalThis.awslambda = {
  streamifyResponse(inner, options) {
    inner[STREAMING] = 'response';
    if (options?.highWaterMark !== undefined) inner[STREAM_SETTINGS] = options.highWaterMark;
    return inner;
  },
  HttpResponseStream: class HttpResponseStream {
    static from(response, prelude) {
      response.setContentType(PRELUDE_TYPE);
      const text = JSON.stringify(prelude);
      response._onBeforeFirstWrite = (write) => {
        write(Buffer.from(text));
        write(Buffer.alloc(8));
      };
      return response;
    }
  },
};

// ---- the log --------------------------------------------------------------------------------------------------------

const isJson = env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = isJson ? LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()) : -1;

function write(level, text) {
  writeOut(`${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text}`);
}

function put(level, told) {
  const entry = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined, ...told };
  let line;
  try {
    line = JSON.stringify(entry, (name, value) => (value instanceof Error ? plain(value) : value));
  } catch {
    // It refers to itself, or has what JSON does not.
    line = JSON.stringify({ ...entry, message: format(told.message) });
  }
  writeOut(line);
}

function plain(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  };
}

function tell(level, parts) {
  if (!isJson) return write(level, format(...parts));
  if (LEVELS.indexOf(level) < least) return;
  if (parts.length === 1) return put(level, { message: parts[0] });
  const error = parts.find((each) => each instanceof Error);
  put(level, { message: format(...parts), ...(error && plain(error)) });
}

function writeOut(line) {
  let bytes = Buffer.from(line + '\n');
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

for (const [name, level] of [
  ['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'], ['error', 'ERROR'], ['trace', 'TRACE'],
]) {
  console[name] = (...parts) => tell(level, parts);
}

// ---- the handler ----------------------------------------------------------------------------------------------------

class InitError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const description = path.join(folder, 'package.json');
    if (existsSync(description)) {
      try {
        return JSON.parse(readFileSync(description, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (folder === path.dirname(folder) || path.basename(folder) === 'node_modules') return false;
  }
}

async function loadModule(required, file) {
  if (process.features.require_module) {
    const emitWarning = process.emitWarning;
    process.emitWarning = (warning, ...rest) => {
      // It is the gateway's doing, and no news to the function's author.
      if (!String(warning).includes('require()')) emitWarning.call(process, warning, ...rest);
    };
    try {
      return required(file);
    } catch (error) {
      // An await outside of functions: nothing of it has run.
      if (error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    } finally {
      process.emitWarning = emitWarning;
    }
  }
  return import(require('node:url').pathToFileURL(file).href);
}

async function load() {
  const written = env._HANDLER ?? '';
  const base = path.basename(written);
  const parts = /^([^.]*)\.(.+)$/.exec(base);
  if (!parts || written.includes('..')) throw new InitError('Runtime.MalformedHandlerName', 'Bad handler');
  const root = path.resolve(env.LAMBDA_TASK_ROOT ?? '.', written.slice(0, written.length - base.length));
  const module = path.join(root, parts[1]);
  const file = ['.js', '.mjs', '.cjs'].map((ending) => module + ending).find((each) => existsSync(each));
  let exported;
  try {
    if (!file) throw new InitError('Runtime.ImportModuleError', `Error: Cannot find module '${parts[1]}'`);
    const required = createRequire(path.join(root, 'bootstrap.js'));
    exported = isModule(file) ? await loadModule(required, file) : required(file);
  } catch (error) {
    if (error instanceof InitError) throw error;
    if (error instanceof SyntaxError) throw renamed(error, 'Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw renamed(error, 'Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const found = parts[2].split('.').reduce((from, name) => from?.[name], exported)
    ?? parts[2].split('.').reduce((from, name) => from?.[name], exported?.default);
  if (found === undefined || found === null) {
    throw new InitError('Runtime.HandlerNotFound', `${written} is undefined or not exported`);
  }
  if (typeof found !== 'function') {
    throw new InitError('Runtime.HandlerNotFound', `${written} is not a function`);
  }
  return found;
}

function renamed(error, name, message) {
  const told = new InitError(name, message);
  told.stack = error.stack;
  return told;
}

load().then(
  (found) => {
    handler = found;
    socket.write(NEXT);
  },
  (error) => {
    const told = describe(error);
    logError('Uncaught Exception', told);
    post(null, '', typeLine(told), JSON.stringify(told), false);
    socket.end(() => process.exit(1));
  });
