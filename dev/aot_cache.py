"""Makes the AOT cache of the store's image by a training run, and sees that an image uses its own.

  aot_cache.py train IMAGE.tar FOLDER
  aot_cache.py check IMAGE.tar

The cache fits only the JVM, the class path and the options that it was made with. So the image is unpacked, and its own entry
point runs in it as it will in a pod, to be trained by requests of every kind and to write down what it learned: into
FOLDER, under the path that the entry point names, to be added to the image. An image whose cache does not fit starts too, but
slowly; the check fails then.
"""
import http.client
import json
import os
import shutil
import sys

import unpacked_image

OPTION = "-XX:AOTCache="
ROUNDS = 200


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("localhost", port, timeout=unpacked_image.PATIENCE_SECONDS)

    def ask(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        with self.connection.getresponse() as response:
            response.read()
            return response.status

    def begin_watch(self):
        self.connection.request("GET", "/v1/watch?from=1")
        self.connection.getresponse().readline()


def train(port):
    client = Client(port)
    statuses = set()
    for number in range(ROUNDS):
        key = f"training-{number:04}"
        statuses |= {
            client.ask("PUT", f"/v1/kv/{key}", "x" * 100, Content_Type="text/plain"),
            client.ask("PUT", f"/v1/kv/{key}?ttl=600", "y" * 100),
            client.ask("PUT", f"/v1/kv/{key}", "z", If_Match='"1"'),
            client.ask("GET", f"/v1/kv/{key}"),
            client.ask("HEAD", f"/v1/kv/{key}"),
            client.ask("POST", "/set", json.dumps({"key": key, "value": {"number": number}})),
            client.ask("GET", f"/get/{key}"),
            client.ask("GET", "/get/none"),
            client.ask("GET", "/search?prefix=training&suffix=1&limit=10"),
            client.ask("GET", "/v1/kv?prefix=training&values=true&limit=10"),
            client.ask("GET", "/v1/kv?suffix=1&limit=10"),
            client.ask("POST", "/v1/txn", json.dumps({"compare": [{"key": key, "exists": True}], "then": [{"op": "put", "key": key + "-too", "value": "v"}]})),
            client.ask("DELETE", f"/v1/kv/{key}-too"),
            client.ask("GET", "/readyz"),
        }
        if number % 20 == 0:
            statuses |= {client.ask("GET", path) for path in ("/metrics", "/livez", "/v1/export", "/v1/capabilities")}
            statuses.add(client.ask("POST", "/v1/import", '{"key":"imported","value":"v"}\n'))
            Client(port).begin_watch()
    # It is to learn what it does, not how it fails.
    if statuses != {200, 201, 204, 404, 412}:
        raise SystemExit(f"aot_cache: the training's requests were answered with {sorted(statuses)}")


def make(image, folder):
    [cache] = [option.removeprefix(OPTION) for option in image.entrypoint if option.startswith(OPTION)]
    training = [option for option in image.entrypoint if not option.startswith(OPTION)]
    training.insert(1, "-XX:AOTCacheOutput=/tmp/cache")
    # Only G1 can write objects into a cache; every collector can read them.
    with image.running(training, JDK_AOT_VM_OPTIONS="-XX:-UseSerialGC -XX:+UseG1GC") as (_, port):
        train(port)
    os.makedirs(os.path.dirname(folder + cache), exist_ok=True)
    shutil.copyfile(image.path("/tmp/cache"), folder + cache)


def main():
    action, archive, *folder = sys.argv[1:]
    with unpacked_image.unpacked(archive) as image:
        if action == "train":
            make(image, *folder)
        else:
            with image.running(JAVA_TOOL_OPTIONS="-XX:AOTMode=on"):
                pass


if __name__ == "__main__":
    main()
