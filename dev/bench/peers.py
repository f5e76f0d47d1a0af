"""What is measured: how each is built, started, filled and stopped. All listen on 127.0.0.1 and keep their files in one
folder of the bench."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, "dev")
import proc
import unpacked_image
from container import Container

VALUE = "v" * 100
MIB = 1 << 20
IMAGE = Path("kvs-service/target/image.tar")

PROCESSORS = sorted(os.sched_getaffinity(0))
APART = len(PROCESSORS) >= 4
SERVERS = set(PROCESSORS[: len(PROCESSORS) // 2] if APART else PROCESSORS)
CLIENTS = set(PROCESSORS[len(PROCESSORS) // 2 :] if APART else PROCESSORS)


@contextlib.contextmanager
def on(processors):
    """Whatever is started meanwhile stays on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def key(i):
    return f"key-{i:08d}"


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def install(*packages):
    missing = [p for p in packages if subprocess.run(["dpkg", "-s", p], capture_output=True).returncode]
    if missing:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        # Debian would start them at once, on their usual ports.
        policy = Path("/usr/sbin/policy-rc.d")
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        try:
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
                check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        finally:
            policy.unlink()


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Peer:
    port = 0
    warm_up_seconds = 1

    def __init__(self, home):
        self.home = home / self.name
        self.home.mkdir(parents=True, exist_ok=True)
        self.processes = []

    def build(self):
        pass

    def fill(self, keys):
        pass

    def spawn(self, *command, **environment):
        with open(self.home / "log", "a") as log:
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, cwd=self.home, env={**os.environ, **environment}))

    def refuse_others(self):
        with socket.socket() as other:
            if self.port and other.connect_ex(("127.0.0.1", self.port)) == 0:
                raise SystemExit(f"something else answers on port {self.port}, which {self.name} needs: end it first")

    def await_answer(self, path, port=None):
        for _ in range(6000):
            try:
                self.request("GET", path, port=port)
                return
            except OSError:
                if any(p.poll() is not None for p in self.processes):
                    break
                time.sleep(0.01)
        raise SystemExit(f"{self.name} did not come up: see {self.home}/log")

    def request(self, method, path, body=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=600)
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 500:
            raise SystemExit(f"{self.name}: {answer.status} {content[:200]}")
        return content

    def each_process(self):
        """Its processes and their children."""
        all_of_them = [p.pid for p in self.processes]
        for pid in all_of_them:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                all_of_them += [int(child) for child in task.read_text().split()]
        return all_of_them

    def cpu_seconds(self):
        return sum(proc.cpu_seconds(pid) for pid in self.each_process())

    def resident_mib(self):
        return sum(proc.resident_mib(pid) for pid in self.each_process())

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes = []


class Kvs(Peer):
    """Our image, by its own entry point, in as much memory as a KvStore has by default."""

    name, memory, settings = "kvs", 512, {}
    warm_up_seconds = 10  # until the JVM has compiled what matters

    def __init__(self, home):
        super().__init__(home)
        self.end = contextlib.ExitStack()

    def build(self):
        sources = [Path("pom.xml"), Path("kvs-service/pom.xml"), *(f for f in Path("kvs-service/src/main").rglob("*") if f.is_file())]
        if not IMAGE.exists() or IMAGE.stat().st_mtime < max(f.stat().st_mtime for f in sources):
            subprocess.run(["dev/images"], check=True)
        shutil.rmtree(self.home)
        self.home.mkdir()
        self.image = unpacked_image.UnpackedImage(IMAGE, self.home)

    def start(self):
        data = self.image.path("/data")
        shutil.rmtree(data)
        os.mkdir(data)
        os.chmod(data, 0o1777)
        with contextlib.ExitStack() as stack:
            container = Container(self.memory * MIB)
            stack.callback(container.remove)
            process, self.port = stack.enter_context(self.image.running(cgroup=container.path, **self.settings))
            self.processes = [process]
            self.end = stack.pop_all()

    def stop(self):
        self.end.close()
        self.processes = []

    def fill(self, keys):
        for start in range(0, keys, 100_000):
            lines = (
                json.dumps({"key": key(i), "contentType": "text/plain", "value": VALUE}) + "\n"
                for i in range(start, min(start + 100_000, keys)))
            self.request("POST", "/v1/import", "".join(lines))


class Reference(Peer):
    name, port = "reference", 18101

    def build(self):
        go = output("dev/cluster/cluster", "go")
        subprocess.run([go, "build", "-o", str(self.home / "reference"), "."], check=True, cwd="dev/bench/reference")

    def start(self):
        self.spawn(str(self.home / "reference"), str(self.port))
        self.await_answer("/get/x")

    def fill(self, keys):
        self.request("POST", f"/fill?keys={keys}&bytes={len(VALUE)}")


class Webdis(Peer):
    name, port, redis_port = "webdis", 18102, 18103

    def build(self):
        install("redis-server", "webdis")

    def start(self):
        shutil.rmtree(self.home / "data", ignore_errors=True)
        (self.home / "data").mkdir()
        self.spawn(
            "redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--dir", str(self.home / "data"),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0")
        (self.home / "webdis.json").write_text(json.dumps({
            "redis_host": "127.0.0.1", "redis_port": self.redis_port, "http_host": "127.0.0.1", "http_port": self.port,
            "threads": 4, "pool_size": 20, "daemonize": False, "websockets": False, "verbosity": 1,
            "logfile": str(self.home / "webdis.log")}))
        while subprocess.run(["redis-cli", "-p", str(self.redis_port), "PING"], capture_output=True).stdout != b"PONG\n":
            time.sleep(0.01)
        self.spawn("webdis", str(self.home / "webdis.json"))
        self.await_answer("/PING")

    def fill(self, keys):
        subprocess.run(
            ["redis-cli", "-p", str(self.redis_port), "--pipe"], check=True, stdout=subprocess.DEVNULL, text=True,
            input="".join(f"SET {key(i)} {VALUE}\r\n" for i in range(keys)))


class Etcd(Peer):
    name, port = "etcd", 18104

    def build(self):
        go = output("dev/cluster/cluster", "go")
        subprocess.run(
            [go, "build", "-trimpath", "-o", str(self.home / "etcd"), "go.etcd.io/etcd/server/v3"], check=True,
            cwd="dev/cluster/components/etcd", env={**os.environ, "CGO_ENABLED": "0"})

    def start(self):
        shutil.rmtree(self.home / "data", ignore_errors=True)
        client, peer = f"http://127.0.0.1:{self.port}", "http://127.0.0.1:18105"
        self.spawn(
            str(self.home / "etcd"), "--data-dir", str(self.home / "data"), "--quota-backend-bytes", str(8 << 30),
            "--listen-client-urls", client, "--advertise-client-urls", client, "--log-level", "error",
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}")
        self.await_answer("/health")

    def fill(self, keys):
        value = base64_of(VALUE)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for start in range(0, keys, 128):
            puts = [
                {"requestPut": {"key": base64_of(key(i)), "value": value}} for i in range(start, min(start + 128, keys))]
            connection.request("POST", "/v3/kv/txn", json.dumps({"success": puts}))
            connection.getresponse().read()


class Nginx(Peer):
    name, port = "nginx", 18106

    def build(self):
        install("nginx-light", "wrk")

    def start(self):
        (self.home / "nginx.conf").write_text(f"""
            daemon off; worker_processes {len(SERVERS)}; pid {self.home}/pid; error_log {self.home}/error.log;
            events {{ worker_connections 4096; }}
            http {{ access_log off; keepalive_requests 1000000000;
              server {{ listen 127.0.0.1:{self.port}; location / {{ return 200 "{VALUE}"; }} }} }}""")
        self.spawn("nginx", "-c", str(self.home / "nginx.conf"), "-p", str(self.home))
        self.await_answer("/")

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait()
        self.processes = []


ALL = {peer.name: peer for peer in (Nginx, Reference, Webdis, Etcd, Kvs)}
