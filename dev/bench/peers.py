"""What is measured: how each is built, started, filled and stopped. All listen on 127.0.0.1 and keep their files in one
folder of the bench."""

import base64
import http.client
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

VALUE = "v" * 100
TICKS = os.sysconf("SC_CLK_TCK")


def key(i):
    return f"key-{i:08d}"


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
    port: int

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

    def await_answer(self, path, port=None):
        for _ in range(600):
            try:
                self.request("GET", path, port=port)
                return
            except OSError:
                if any(p.poll() is not None for p in self.processes):
                    break
                time.sleep(0.1)
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
        total = 0
        for pid in self.each_process():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def resident_mib(self):
        total = 0
        for pid in self.each_process():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) / 1024
        return total

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()


class Kvs(Peer):
    name, port = "kvs", 18100

    def build(self):
        self.java = output("dev/jdk")
        subprocess.run(
            ["./mvnw", "-q", "-B", "-pl", "kvs-service", "package", "-Dmaven.test.skip", "-Dspotless.check.skip"],
            check=True, env={**os.environ, "JAVA_HOME": self.java})
        self.jar = next(p.resolve() for p in Path("kvs-service/target").glob("kvs-service-*.jar") if p.is_file())

    def start(self):
        shutil.rmtree(self.home / "data", ignore_errors=True)
        # As in a container of 512 MiB.
        self.spawn(
            f"{self.java}/bin/java", "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED",
            "-Djdk.nio.maxCachedBufferSize=65536", "-jar", str(self.jar), f"--server.port={self.port}",
            KVS_DATA_DIRECTORY=str(self.home / "data"), MALLOC_ARENA_MAX="2")
        self.await_answer("/readyz")

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
        time.sleep(1)
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
        value = base64.b64encode(VALUE.encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for start in range(0, keys, 128):
            puts = [
                {"requestPut": {"key": base64.b64encode(key(i).encode()).decode(), "value": value}}
                for i in range(start, min(start + 128, keys))]
            connection.request("POST", "/v3/kv/txn", json.dumps({"success": puts}))
            connection.getresponse().read()


class Nginx(Peer):
    name, port = "nginx", 18106

    def build(self):
        install("nginx-light", "wrk")

    def start(self):
        (self.home / "nginx.conf").write_text(f"""
            daemon off; worker_processes 2; pid {self.home}/pid; error_log {self.home}/error.log;
            events {{ worker_connections 4096; }}
            http {{ access_log off; keepalive_requests 1000000000;
              server {{ listen 127.0.0.1:{self.port}; location / {{ return 200 "{VALUE}"; }} }} }}""")
        self.spawn("nginx", "-c", str(self.home / "nginx.conf"), "-p", str(self.home))
        self.await_answer("/")

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait()


ALL = {peer.name: peer for peer in (Nginx, Reference, Webdis, Etcd, Kvs)}
