"""client.py PORT CASE: one case of a gRPC client (Debian's python3-grpcio) through the gateway. Prints 'passed'."""
import queue
import sys

import grpc

MESSAGE_LIMIT = 16 << 20
PATIENCE = 15

channel = grpc.insecure_channel(
    f"127.0.0.1:{sys.argv[1]}",
    options=[("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.enable_retries", 0)])


def method(kind, name, service="test.Calls"):
    return getattr(channel, kind)(f"/{service}/{name}")


def same(wanted, got):
    assert wanted == got, f"wanted {wanted!r}, got {got!r}"


def error_of(call):
    try:
        result = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"no error, but {result!r}")


def unary():
    same(b"hello", method("unary_unary", "Unary")(b"hello", timeout=PATIENCE))
    same(b"", method("unary_unary", "Unary")(b"", timeout=PATIENCE))
    same(b"agent|grpc-python", method("unary_unary", "Unary")(b"agent", timeout=PATIENCE))


def metadata():
    binary = bytes(range(256))
    sent = (("x-plain", "a b"), ("x-data-bin", binary), ("x-twice", "1"), ("x-twice", "2"))
    response, call = method("unary_unary", "Unary").with_call(b"m", metadata=sent, timeout=PATIENCE)
    for prefix, got in (("", call.initial_metadata()), ("t-", call.trailing_metadata())):
        fields = {}
        for key, value in got:
            fields.setdefault(key, []).append(value)
        same(["a b"], fields[prefix + "x-plain"])
        same([binary], fields[prefix + "x-data-bin"])
        # Values of one name may come joined (PROTOCOL-HTTP2.md).
        same("1,2", ",".join(fields[prefix + "x-twice"]).replace(" ", ""))


def download():
    same([b"%d" % each for each in range(500)], list(method("unary_stream", "Download")(b"500", timeout=PATIENCE)))
    same([], list(method("unary_stream", "Download")(b"0", timeout=PATIENCE)))
    same([b"0", b"1", b"2"], list(method("unary_stream", "Trickle")(b"", timeout=PATIENCE)))


def upload():
    messages = (b"x" * 1000 for _ in range(500))
    same(b"500000", method("stream_unary", "Upload")(messages, timeout=PATIENCE))


def chat():
    outgoing = queue.Queue()
    answers = method("stream_stream", "Chat")(iter(outgoing.get, None), timeout=PATIENCE)
    for number in range(50):
        outgoing.put(b"%d" % number)
        same(b"re:%d" % number, next(answers))
    outgoing.put(None)
    same([], list(answers))


def deadline():
    error = error_of(lambda: method("unary_unary", "Wait")(b"", timeout=0.5))
    same(grpc.StatusCode.DEADLINE_EXCEEDED, error.code())


def cancel():
    call = method("unary_unary", "Wait").future(b"", timeout=PATIENCE)
    # The test says when the call has reached the server.
    sys.stdin.readline()
    call.cancel()
    same(grpc.StatusCode.CANCELLED, call.code())


def errors():
    error = error_of(lambda: method("unary_unary", "Fail")(b"", timeout=PATIENCE))
    same((grpc.StatusCode.FAILED_PRECONDITION, "100 % wr\u00f6ng\n"), (error.code(), error.details()))
    same([bytes(range(256))], [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"])
    stream = method("unary_stream", "FailLate")(b"", timeout=PATIENCE)
    same(b"first", next(stream))
    error = error_of(lambda: next(stream))
    same((grpc.StatusCode.DATA_LOSS, "late"), (error.code(), error.details()))


def unimplemented():
    error = error_of(lambda: method("unary_unary", "Nothing")(b"", timeout=PATIENCE))
    same((grpc.StatusCode.UNIMPLEMENTED, "Method not found!"), (error.code(), error.details()))


def no_route():
    error = error_of(lambda: method("unary_unary", "Nothing", "other.Service")(b"", timeout=PATIENCE))
    same((grpc.StatusCode.UNIMPLEMENTED, "No route matches this host and path."), (error.code(), error.details()))


def unavailable():
    error = error_of(lambda: method("unary_unary", "Unary")(b"", timeout=PATIENCE))
    same(grpc.StatusCode.UNAVAILABLE, error.code())


def route_timeout():
    error = error_of(lambda: method("unary_unary", "Wait")(b"", timeout=PATIENCE))
    same(grpc.StatusCode.DEADLINE_EXCEEDED, error.code())
    assert "longer than this route allows" in error.details(), error.details()


def large():
    message = bytes(range(256)) * (4 << 12)
    assert message == method("unary_unary", "Unary")(message, timeout=PATIENCE)


def many():
    calls = [method("unary_unary", "Unary").future(b"%d" % each, timeout=4 * PATIENCE) for each in range(1000)]
    for number, call in enumerate(calls):
        same(b"%d" % number, call.result())


def unary_until_told():
    """A line of input for each call; says how it ended."""
    while line := sys.stdin.readline():
        same(line.strip().encode(), method("unary_unary", "Unary")(line.strip().encode(), timeout=PATIENCE))
        print("answered", flush=True)


globals()[sys.argv[2]]()
print("passed", flush=True)
