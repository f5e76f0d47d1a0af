"""Many who watch, and one who writes: how long it takes from sending a durable PUT until each of them has been told."""

import http.client
import json
import selectors
import socket
import statistics
import time

import peers

PREFIX = "fan-"
PATIENCE_SECONDS = 30


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(path, body):
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def range_of(prefix):
    return {"key": peers.base64_of(prefix), "range_end": peers.base64_of(prefix[:-1] + chr(ord(prefix[-1]) + 1))}


WATCH = {
    "kvs": get(f"/v1/watch?prefix={PREFIX}&values=true"),
    "etcd": post("/v3/watch", json.dumps({"create_request": range_of(PREFIX)})),
}
BEGUN = {"kvs": b"\r\n\r\n", "etcd": b'"created":true'}
PUT = {
    "kvs": lambda key: ("PUT", "/v1/kv/" + key, peers.VALUE),
    "etcd": lambda key: ("POST", "/v3/kv/put", json.dumps({"key": peers.base64_of(key), "value": peers.base64_of(peers.VALUE)})),
}
SHOWN = {"kvs": lambda key: key.encode(), "etcd": lambda key: peers.base64_of(key).encode()}


class Watches:
    def __init__(self, peer, count):
        self.ready = selectors.DefaultSelector()
        self.text = {}
        for _ in range(count):
            watch = socket.create_connection(("127.0.0.1", peer.port))
            watch.sendall(WATCH[peer.name])
            watch.setblocking(False)
            self.ready.register(watch, selectors.EVENT_READ)
            self.text[watch] = b""

    def await_each(self, shown):
        """Until each has shown this; what came before is forgotten."""
        missing = set(self.text)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while missing:
            for event, _ in self.ready.select(1):
                came = event.fileobj.recv(1 << 16)
                if not came:
                    raise SystemExit("a watch was ended by the server")
                self.text[event.fileobj] += came
                if shown in self.text[event.fileobj]:
                    self.text[event.fileobj] = b""
                    missing.discard(event.fileobj)
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(missing)} of {len(self.text)} watches were not told within {PATIENCE_SECONDS} s")

    def close(self):
        self.ready.close()
        for watch in self.text:
            watch.close()


class FanOut:
    def __init__(self, title, watches):
        self.title, self.watches = title, watches

    def peers(self):
        return WATCH.keys()

    def run(self, peer, keys, seconds):
        watches = Watches(peer, self.watches)
        writer = http.client.HTTPConnection("127.0.0.1", peer.port)
        try:
            watches.await_each(BEGUN[peer.name])
            before, times = peer.cpu_seconds(), []
            begin = time.monotonic()
            while time.monotonic() < begin + seconds:
                key = f"{PREFIX}{len(times):08d}"
                start = time.monotonic()
                writer.request(*PUT[peer.name](key))
                watches.await_each(SHOWN[peer.name](key))
                times.append(time.monotonic() - start)
                writer.getresponse().read()
            elapsed = time.monotonic() - begin
            cpu = peer.cpu_seconds() - before
        finally:
            writer.close()
            watches.close()
        told = len(times) * self.watches
        return {
            "rate": told / elapsed,
            "cpu_us": cpu / told * 1e6,
            "p50_ms": statistics.median(times) * 1000,
            "p99_ms": statistics.quantiles(times, n=100)[98] * 1000,
            "errors": 0,
        }
