"""server.py PORT: a gRPC server (Debian's python3-grpcio) whose messages are plain bytes. Prints 'ready' when it serves,
and a line for each thing a test waits for."""
import concurrent.futures
import sys
import threading
import time

import grpc

MESSAGE_LIMIT = 16 << 20


def say(text):
    print(text, flush=True)


def unary(request, context):
    sent = dict(context.invocation_metadata())
    # All of what came under the tests' names goes back, as head and as trailers.
    mine = [(key, value) for key, value in context.invocation_metadata() if key.startswith("x-")
            and not key.startswith("x-forwarded") and key != "x-request-id"]
    context.send_initial_metadata(mine)
    context.set_trailing_metadata([("t-" + key, value) for key, value in mine])
    return request + (b"|" + sent["user-agent"].split("/")[0].encode() if request == b"agent" else b"")


def download(request, context):
    for number in range(int(request)):
        yield b"%d" % number


def upload(requests, context):
    return b"%d" % sum(len(request) for request in requests)


def chat(requests, context):
    for request in requests:
        yield b"re:" + request


def fail(request, context):
    context.set_trailing_metadata([("grpc-status-details-bin", bytes(range(256)))])
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "100 % wr\u00f6ng\n")


def fail_late(request, context):
    yield b"first"
    context.abort(grpc.StatusCode.DATA_LOSS, "late")


def wait(request, context):
    left = context.time_remaining()
    say(f"waiting {'with' if left and left < 100 else 'without'} deadline")
    gone = threading.Event()
    context.add_callback(gone.set)
    if gone.wait(20):
        say("gone")
    return b""


def trickle(request, context):
    for number in range(3):
        yield b"%d" % number
        time.sleep(0.02)


def check_health(request, context):
    if request == b"\x0a\x04gone":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
    return b"\x08\x02" if request == b"\x0a\x04sick" else b"\x08\x01"


HANDLERS = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "Download": grpc.unary_stream_rpc_method_handler(download),
    "Trickle": grpc.unary_stream_rpc_method_handler(trickle),
    "Upload": grpc.stream_unary_rpc_method_handler(upload),
    "Chat": grpc.stream_stream_rpc_method_handler(chat),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "FailLate": grpc.unary_stream_rpc_method_handler(fail_late),
    "Wait": grpc.unary_unary_rpc_method_handler(wait),
}


def main():
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=32),
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler("test.Calls", HANDLERS),
        grpc.method_handlers_generic_handler(
            "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check_health)}),
    ))
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    say("ready")
    # The test ends it by a line, or by closing its input.
    sys.stdin.readline()
    server.stop(grace=5).wait()


if __name__ == "__main__":
    main()
