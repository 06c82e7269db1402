"""Runs a Lambda handler for Python on a socket that is already open (descriptor 3): the Runtime API in the few bytes
it needs. The answer to one event and the question for the next leave in one send."""
import decimal
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

API = b"/2018-06-01/runtime/"
IS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
NEXT = b"GET " + API + b"invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"
CHUNK = 256 * 1024


class Connection:
    """One request after the other on the kept socket."""

    def __init__(self):
        self._socket = socket.socket(fileno=3)
        self._socket.setblocking(True)
        self._bytes = bytearray()

    def send(self, data):
        self._socket.sendall(data)

    def read_event(self):
        """Head and body of the next event; acknowledgements of what was posted are passed over."""
        while True:
            end = self._bytes.find(b"\r\n\r\n")
            if end < 0:
                self._receive()
                continue
            head = bytes(self._bytes[:end])
            length = int(field(head, b"Content-Length") or 0)
            while len(self._bytes) < end + 4 + length:
                self._receive()
            body = bytes(self._bytes[end + 4:end + 4 + length])
            del self._bytes[:end + 4 + length]
            if head.startswith(b"HTTP/1.1 200"):
                return head, body

    def _receive(self):
        data = self._socket.recv(CHUNK)
        if not data:
            os._exit(0)
        self._bytes += data


def field(head, name):
    start = head.find(b"\r\n" + name + b": ")
    if start < 0:
        return b""
    start += len(name) + 4
    end = head.find(b"\r\n", start)
    return head[start:] if end < 0 else head[start:end]


def post(connection, where, extra, body, asks_next):
    connection.send(
        b"POST " + API + where + b" HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n" + extra
        + b"Content-Length: %d\r\n\r\n" % len(body) + body + (NEXT if asks_next else b""))


def encode(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type {} is not JSON serializable".format(type(value).__name__))


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=encode).encode("utf-8")


class Described(Exception):
    """An error that is told with a type of the runtime's own."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def describe(error, request_id):
    if isinstance(error, Described):
        return {"errorMessage": str(error), "errorType": error.kind, "requestId": request_id, "stackTrace": []}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(own),
    }


def tell(told):
    if IS_JSON:
        line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR", **told}
        sys.stdout.write(to_json(line).decode("utf-8") + "\n")
        return
    lines = ["[ERROR] {}: {}".format(told["errorType"], told["errorMessage"])]
    if told["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        # Indented by spaces that stay, as logs trim the others.
        for frame in told["stackTrace"]:
            for line in frame.rstrip("\n").split("\n"):
                text = line.lstrip(" ")
                lines.append("\u00a0" * (len(line) - len(text)) + text)
    sys.stdout.write("\n".join(lines) + "\n")


def type_line(told):
    kind = told["errorType"].encode("ascii", "replace")
    return b"Lambda-Runtime-Function-Error-Type: " + kind + b"\r\n"


class Client:
    def __init__(self, values):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, values.get(name))


class ClientContext:
    def __init__(self, values):
        self.client = Client(values["client"]) if values.get("client") else None
        self.custom = values.get("custom")
        self.env = values.get("env")


class CognitoIdentity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class LambdaContext:
    def __init__(self, head, request_id):
        client = field(head, b"Lambda-Runtime-Client-Context")
        identity = field(head, b"Lambda-Runtime-Cognito-Identity")
        self.aws_request_id = request_id
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = field(head, b"Lambda-Runtime-Invoked-Function-Arn").decode()
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity(json.loads(identity) if identity else {})
        self._deadline_ms = int(field(head, b"Lambda-Runtime-Deadline-Ms"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(round(time.time() * 1000)), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id
        return True


class JsonFormatter(logging.Formatter):
    """One object a line: what the record has, and what the caller added to it."""

    KNOWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "aws_request_id"}

    def format(self, record):
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = traceback.format_tb(trace)
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
            line["location"] = "{}:{}:{}".format(record.pathname, record.funcName, record.lineno)
        line["requestId"] = record.aws_request_id or None
        line.update((name, value) for name, value in vars(record).items() if name not in self.KNOWN)
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str,
                          ensure_ascii=False)


def prepare_logging():
    out = logging.StreamHandler(sys.stdout)
    if IS_JSON:
        out.setFormatter(JsonFormatter())
        out.addFilter(RequestIdFilter())
        logging.getLogger().addHandler(out)
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        logging.getLogger().setLevel({"TRACE": "NOTSET", "FATAL": "CRITICAL"}.get(level, level) or "INFO")
        return
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    out.setFormatter(formatter)
    out.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(out)


def load_handler():
    written = os.environ.get("_HANDLER", "")
    module_name, _, name = written.rpartition(".")
    if not module_name:
        raise Described("Runtime.MalformedHandlerName", "Bad handler '{}': not enough values to unpack (expected 2, "
                        "got 1)".format(written))
    sys.path.insert(0, os.environ.get("LAMBDA_TASK_ROOT", "."))
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Described("Runtime.ImportModuleError", "Unable to import module '{}': {}".format(module_name, error))
    except SyntaxError as error:
        raise Described("Runtime.UserCodeSyntaxError", "Syntax error in module '{}': {}".format(module_name, error))
    handler = getattr(module, name, None)
    if handler is None:
        raise Described("Runtime.HandlerNotFound", "Handler '{}' missing on module '{}'".format(name, module_name))
    return handler


def answer(connection, handler, head, body):
    request_id = field(head, b"Lambda-Runtime-Aws-Request-Id").decode()
    RequestIdFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = field(head, b"Lambda-Runtime-Trace-Id").decode()
    where = b"invocation/" + request_id.encode()
    try:
        result = handler(json.loads(body), LambdaContext(head, request_id))
        try:
            text = to_json(result)
        except Exception as error:
            raise Described("Runtime.MarshalError", "Unable to marshal response: {}".format(error))
    except Exception as error:
        told = describe(error, request_id)
        tell(told)
        post(connection, where + b"/error", type_line(told), to_json(told), True)
        return
    post(connection, where + b"/response", b"", text, True)


def main():
    connection = Connection()
    prepare_logging()
    try:
        handler = load_handler()
    except Exception as error:
        told = describe(error, "")
        tell(told)
        post(connection, b"init/error", type_line(told), to_json(told), False)
        sys.exit(1)
    connection.send(NEXT)
    while True:
        head, body = connection.read_event()
        answer(connection, handler, head, body)


if __name__ == "__main__":
    sys.path.pop(0)
    sys.modules["bootstrap"] = sys.modules["__main__"]
    main()
