"""The measuring part of dev/bench/operator: STORES HOME CLASSPATH CLUSTER_HOME."""
import base64
import collections
import concurrent.futures
import datetime
import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

import proc

STORES, HOME, CLASSPATH, CLUSTER_HOME = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
AUDIT_LOG = f"{CLUSTER_HOME}/log/audit.jsonl"
CONNECTIONS = 16
QUIET_SECONDS = 30
PORT = 18090
OPERATOR = "system:serviceaccount:kvs-system:kvs-operator"
KINDS = "serviceaccounts,services,persistentvolumeclaims,deployments,ingresses"
STORE_PATH = "/apis/kvs.cloudraft.io/v1/namespaces/{}/kvstores/{}"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def kubectl(*arguments, **options):
    return subprocess.run(["kubectl", *arguments], check=True, stdout=subprocess.PIPE, **options).stdout.decode()


class ApiServer:
    """As the person of KUBECONFIG, by one connection for each thread."""

    def __init__(self):
        config = json.loads(kubectl("config", "view", "--raw", "-o", "json"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.url = cluster["server"]
        self.authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.tls = ssl.create_default_context(cadata=self.authority)
        for name in ("certificate", "key"):
            with open(f"{HOME}/client.{name}", "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(base64.b64decode(user[f"client-{name}-data"]))
        self.tls.load_cert_chain(f"{HOME}/client.certificate", f"{HOME}/client.key")
        self.own = threading.local()

    def apply(self, path, body):
        if not hasattr(self.own, "connection"):
            self.own.connection = http.client.HTTPSConnection(self.url.split("//")[1], context=self.tls)
        self.own.connection.request("PATCH", f"{path}?fieldManager=bench&force=true", json.dumps(body),
                                    {"Content-Type": "application/apply-patch+yaml"})
        answer = self.own.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text.decode()}")

    def apply_all(self, what):
        """[(path, body)...] by all connections at once; how many seconds it took."""
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
            list(threads.map(lambda each: self.apply(*each), what))
        return time.monotonic() - start


def store(namespace, name, spec):
    body = {"apiVersion": "kvs.cloudraft.io/v1", "kind": "KvStore", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": 0, **spec}}
    return STORE_PATH.format(namespace, name), body


class Operator:
    """With the heap, the collector and the allocator of its container."""

    def __init__(self, server):
        with open(f"{HOME}/kubeconfig", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "bench",
                       "clusters": [{"name": "bench", "cluster": {
                           "server": server.url,
                           "certificate-authority-data": base64.b64encode(server.authority.encode()).decode()}}],
                       "users": [{"name": "bench", "user": {"token": os.environ["KVS_OPERATOR_TOKEN"]}}],
                       "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench",
                                                                  "namespace": "kvs-system"}}]}, file)
        self.log = open(f"{HOME}/operator.log", "w")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.environ["JAVA_HOME"] + "/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx205m", "-XX:+ExitOnOutOfMemoryError",
             "-cp", CLASSPATH, "io.cloudraft.kvs.operator.OperatorMain"], stdout=self.log, stderr=self.log,
            env={**os.environ, "MALLOC_ARENA_MAX": "2", "KUBECONFIG": f"{HOME}/kubeconfig", "KVS_OPERATOR_PORT": str(PORT)})
        while True:
            try:
                return urllib.request.urlopen(f"http://localhost:{PORT}/readyz", timeout=5).read()
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the operator ended; its log is {HOME}/operator.log")
                time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def cpu(self):
        return proc.cpu_seconds(self.process.pid)

    def resident(self):
        return proc.resident_mib(self.process.pid)

    def heap(self):
        """In MiB, after everything that is no longer needed was given back."""
        subprocess.run([os.environ["JAVA_HOME"] + "/bin/jcmd", str(self.process.pid), "GC.run"], check=True,
                       stdout=subprocess.DEVNULL)
        metrics = urllib.request.urlopen(f"http://localhost:{PORT}/metrics", timeout=30).read().decode()
        return sum(float(line.split()[-1]) for line in metrics.splitlines()
                   if line.startswith('jvm_memory_used_bytes{area="heap"')) / 2**20


def cpu_of_cluster():
    """In seconds so far: of the API server with its etcd, and of the controllers; and how long the processors were idle."""
    def part(name):
        with open(f"{CLUSTER_HOME}/{name}.pid") as file:
            return proc.cpu_seconds(int(file.read()))

    with open("/proc/stat") as file:
        idle = int(file.readline().split()[4]) / proc.TICKS
    return part("apiserver") + part("etcd"), part("controller-manager"), idle / os.cpu_count()


def requests(since, until, user, namespace=None):
    """How many of each verb and resource; watches last, and are none of them."""
    counted = collections.Counter()
    with open(AUDIT_LOG) as lines:
        for line in lines:
            event = json.loads(line)
            moment = datetime.datetime.fromisoformat(event["requestReceivedTimestamp"].replace("Z", "+00:00"))
            target = event.get("objectRef", {})
            if (since <= moment < until and event["user"]["username"] == user and event["verb"] != "watch"
                    and (namespace is None or target.get("namespace") == namespace)):
                counted[event["verb"], "/".join(filter(None, (target.get("resource", event["requestURI"].split("?")[0]),
                                                              target.get("subresource"))))] += 1
    return counted


def until_current(namespace, name=None):
    """Waits until the operator has said of all that what they ask for is done."""
    path = f"/apis/kvs.cloudraft.io/v1/namespaces/{namespace}/kvstores" + (f"/{name}" if name else "")
    while True:
        found = json.loads(kubectl("get", "--raw", path))
        items = [found] if name else found["items"]
        if all(condition(item) == (item["metadata"]["generation"], "ScaledToZero") for item in items):
            return
        time.sleep(0.2 if name else 1)


def condition(item):
    return next(((each.get("observedGeneration"), each.get("reason"))
                 for each in item.get("status", {}).get("conditions") or [] if each["type"] == "Ready"), None)


def plain(namespace, child):
    """The child as somebody would have written it."""
    metadata = child["metadata"]
    body = {"apiVersion": child["apiVersion"], "kind": child["kind"],
            "metadata": {"name": metadata["name"], "namespace": namespace, "labels": metadata.get("labels", {})}}
    for field in set(child) - {"apiVersion", "kind", "metadata", "status"}:
        body[field] = child[field]
    for field in ("clusterIP", "clusterIPs", "volumeName"):
        body.get("spec", {}).pop(field, None)
    group = child["apiVersion"]
    plural = {"Ingress": "ingresses"}.get(child["kind"], child["kind"].lower() + "s")
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    return f"{root}/namespaces/{namespace}/{plural}/{metadata['name']}", body


def main():
    server = ApiServer()
    operator = Operator(server)
    for namespace in ("kvs-bench", "kvs-bench-kubectl", "kvs-bench-plain"):
        kubectl("create", "namespace", namespace)
    results = []

    def phase(what, action, each):
        since, cpu, others, begin = now(), operator.cpu(), cpu_of_cluster(), time.monotonic()
        action()
        seconds, cpu = time.monotonic() - begin, operator.cpu() - cpu
        api, controllers, idle = (after - before for after, before in zip(cpu_of_cluster(), others))
        time.sleep(2)  # The audit log is written a moment later.
        counted = requests(since, now(), OPERATOR)
        results.append((what, seconds, sum(counted.values()) / each, cpu, api, operator.heap(), operator.resident()))
        print(f"{what}: {seconds:.1f} s; CPU: {cpu:.1f} s, "
              f"API server {api:.1f} s, controllers {controllers:.1f} s; the processors idled {idle / seconds:.0%};",
              ", ".join(f"{count} {verb} {resource}" for (verb, resource), count in sorted(counted.items())), flush=True)
        return counted

    names = [f"store-{number:05}" for number in range(STORES)]

    def create():
        seconds = server.apply_all([store("kvs-bench", name, {}) for name in names])
        print(f"the KvStores themselves took {seconds:.1f} s", flush=True)
        until_current("kvs-bench")

    def change():
        server.apply(*store("kvs-bench", names[STORES // 2], {"ingress": {"host": "changed.example.com"}}))
        until_current("kvs-bench", names[STORES // 2])

    phase("create all", create, STORES)
    quiet = phase(f"nothing, for {QUIET_SECONDS} s", lambda: time.sleep(QUIET_SECONDS), 1)
    phase("change one", change, 1)

    operator.stop()
    since = now()
    operator.start()
    time.sleep(QUIET_SECONDS)
    counted = requests(since, now(), OPERATOR)
    print(f"start anew: {operator.cpu():.1f} s CPU in all, {operator.heap():.0f} MiB heap, {operator.resident():.0f} MiB,",
          ", ".join(f"{count} {verb} {resource}" for (verb, resource), count in sorted(counted.items())), flush=True)
    operator.stop()

    children = json.loads(kubectl("get", KINDS, "-n", "kvs-bench", "-l", "kvs.cloudraft.io/store", "-o", "json"))["items"]
    with open(f"{HOME}/children.json", "w") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": [plain("kvs-bench-kubectl", each)[1] for each in children]}, file)
    since = now()
    begin = time.monotonic()
    kubectl("apply", "--server-side", "-f", f"{HOME}/children.json")
    by_kubectl = time.monotonic() - begin
    by_connections = server.apply_all([plain("kvs-bench-plain", each) for each in children])
    time.sleep(2)
    counted = sum(requests(since, now(), "admin", "kvs-bench-kubectl").values())
    print(f"kubectl apply of the {len(children)} children: {by_kubectl:.1f} s, {counted} requests")
    print(f"the same by {CONNECTIONS} connections: {by_connections:.1f} s, {len(children)} requests\n")

    print(f"| {STORES} KvStores | time, of kubectl's | of {CONNECTIONS} connections' | requests for each, of plain creation's | "
          "CPU | of the API server | heap after collection | resident |\n|---|---|---|---|---|---|---|---|")
    for what, seconds, each, cpu, api, heap, resident in results:
        print(f"| {what} | {seconds / by_kubectl:.2f} | {seconds / by_connections:.2f} | "
              f"{each:.2f} ({each / (len(children) / STORES):.2f}) | {cpu:.1f} s | {api:.1f} s | {heap:.0f} MiB | {resident:.0f} MiB |")

    # The aims are held in what can be counted; times are for a person to judge, as the machine may be busy.
    created = results[0][2]
    missed = []
    if created > 1.5 * len(children) / STORES:
        missed.append(f"{created:.2f} requests for each KvStore are more than 1.5 times those of plain creation")
    missed += [f"{what}: the heap held {heap:.0f} MiB" for what, _, _, _, _, heap, _ in results if heap > 256]
    missed += [f"{verb} {resource} while there was nothing to do" for verb, resource in sorted(quiet)
               if not resource.startswith("/apis/")]  # which kinds there are
    if missed:
        sys.exit("missed: " + "; ".join(missed))


main()
