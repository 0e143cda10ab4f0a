"""An independent peer with Debian's python3-msgpack, which shares no code with ours.

python-peer.py client PORT   talks to a server and prints what it saw as one line of JSON
python-peer.py server        serves one log, one connection after another; prints its port first
"""

import json
import socket
import struct
import sys

import msgpack

PRODUCE, ACQUIRE_NEXT, SETTLE = 1, 2, 3


def frame(command, body, **options):
    packed = msgpack.packb(body, **options)
    return struct.pack(">IBB", len(packed) + 2, 1, command) + packed


def read_exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def read_frame(stream):
    (length,) = struct.unpack(">I", read_exactly(stream, 4))
    version, command = read_exactly(stream, 2)
    body = msgpack.unpackb(read_exactly(stream, length - 2), strict_map_key=False)
    assert version == 1
    return command, body


def nested(depth):
    value = "core"
    for _ in range(depth):
        value = [value]
    return value


PAYLOADS = [
    None, True, 0, -1, 2**31, 2**64 - 1, -(2**63), 1.5, "", "ü" * 300, b"\x00\xff" * 200,
    [1, [2, [3]]], {"k": {"n": None}}, {str(i): i for i in range(70000)}, {1: "one", None: 2},
    "x" * 1_000_000, nested(500), msgpack.ExtType(5, b"12345"), msgpack.Timestamp(1, 2),
]


def client(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")

    def ask(command, body, **options):
        connection.sendall(frame(command, body, **options))
        answered, answer = read_frame(stream)
        assert answered == command, answered
        return answer

    consumer = {"log_id": "python", "group_id": "g", "client_id": "c"}
    seen = {}
    # Pipelined, and every payload in another packing.
    for index, payload in enumerate(PAYLOADS):
        body = {"log_id": "python", "payload": payload, "metadata": {"index": index}, "extra": [1]}
        connection.sendall(frame(PRODUCE, body, use_single_float=index % 2 == 0))
    seen["ids"] = [read_frame(stream)[1]["message_id"] for _ in PAYLOADS]

    equal = 0
    for index, payload in enumerate(PAYLOADS):
        message = ask(ACQUIRE_NEXT, {**consumer, "duration": 30.0}, use_single_float=True)["message"]
        equal += message == {
            "id": index, "log_id": "python", "payload": payload, "metadata": {"index": index},
        }
        # One byte at a time.
        for byte in frame(SETTLE, {"success": True, "message_id": index, **consumer}):
            connection.sendall(bytes([byte]))
        assert read_frame(stream) == (SETTLE, {"status": "settled"})
    seen["equal"] = equal
    seen["payloads"] = len(PAYLOADS)
    seen["empty"] = ask(ACQUIRE_NEXT, consumer)
    seen["again"] = ask(SETTLE, {**consumer, "message_id": 0, "success": True})
    seen["unknown"] = ask(77, {})
    connection.sendall(frame(SETTLE, [1, 2]))
    seen["broken"] = read_frame(stream)[1]
    seen["end"] = stream.read().hex()
    print(json.dumps(seen))


def server():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    messages, settled, leased = [], set(), {}

    def answer(command, body):
        if command == PRODUCE:
            messages.append((body["payload"], body.get("metadata")))
            return {"message_id": len(messages) - 1}
        if command == ACQUIRE_NEXT:
            for index, (payload, metadata) in enumerate(messages):
                if index not in settled and index not in leased:
                    leased[index] = body["client_id"]
                    message = {"metadata": metadata, "payload": payload, "id": index, "new": 1}
                    return {"took": 0.25, "message": {**message, "log_id": body["log_id"]}}
            return {"message": None}
        if leased.get(body["message_id"]) != body["client_id"]:
            return {"error": "Client does not own the lease for this message"}
        del leased[body["message_id"]]
        if body["success"] is True:
            settled.add(body["message_id"])
        return {"status": "settled"}

    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        try:
            while True:
                command, body = read_frame(stream)
                response = frame(command, answer(command, body))
                # In two pieces, to be cut in the header and in the body.
                for piece in (response[:5], response[5:]):
                    connection.sendall(piece)
        except (EOFError, OSError):
            connection.close()


if sys.argv[1] == "client":
    client(int(sys.argv[2]))
else:
    server()
