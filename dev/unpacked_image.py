"""Runs what an image runs without a container engine: its files are unpacked into a folder, which its entry point sees as the
root. Needs Linux, and to be root or allowed to make user namespaces."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.request

PATIENCE_SECONDS = 120


class UnpackedImage:
    def __init__(self, archive, root):
        self.root = root
        os.chmod(root, 0o755)
        with tarfile.open(archive) as tar:
            [manifest] = json.load(tar.extractfile("manifest.json"))
            config = json.load(tar.extractfile(manifest["Config"]))["config"]
            for layer in manifest["Layers"]:
                self._unpack(tar.extractfile(layer))
        self.entrypoint = config["Entrypoint"]
        self.environment = dict(variable.split("=", 1) for variable in config["Env"])
        self.user = config["User"]
        for folder in ("proc", "dev", "sys", "tmp", *config.get("Volumes", {})):
            os.makedirs(self.path(folder), exist_ok=True)
            os.chmod(self.path(folder), 0o1777)

    def path(self, inside):
        return os.path.join(self.root, inside.lstrip("/"))

    def _unpack(self, layer):
        with tarfile.open(fileobj=layer) as tar:
            tar.extraction_filter = lambda entry, _: entry  # as it is; Pythons before 3.12 do nothing else
            for entry in tar:
                folder, name = os.path.split(entry.name)
                if name.startswith(".wh."):
                    removed = self.path(os.path.join(folder, name.removeprefix(".wh.")))
                    shutil.rmtree(removed) if os.path.isdir(removed) else os.remove(removed)
                elif not entry.isdev():
                    tar.extract(entry, self.root)

    @contextlib.contextmanager
    def running(self, entrypoint=None, cgroup=None, **environment):
        """The process and its port, from its first answer until it was told to end and has ended."""
        with socket.create_server(("localhost", 0)) as unused:
            port = unused.getsockname()[1]
        inside = [shutil.which("chroot", path=os.defpath + ":/usr/sbin:/sbin"), "--userspec=" + self.user, self.root]
        command = ["unshare", "--mount"]
        if os.getuid() != 0:
            inside.pop(1)
            command.append("--map-root-user")
        enter = f'echo $$ >"{cgroup}/cgroup.procs"; ' if cgroup else ""
        mounts = "; ".join(f'mount --rbind /{folder} "$0/{folder}"' for folder in ("proc", "dev", "sys"))
        command += ["sh", "-ec", f'{enter}{mounts}; exec "$@"', self.root, *inside]
        with open(self.path("tmp/log"), "w+") as log:
            process = subprocess.Popen(
                command + (entrypoint or self.entrypoint),
                env={**self.environment, **environment, "SERVER_PORT": str(port)}, stdout=log, stderr=log)
            try:
                await_answer(port, process)
                yield process, port
                process.terminate()
                process.wait(PATIENCE_SECONDS)
            except (ChildProcessError, TimeoutError, subprocess.TimeoutExpired) as e:
                log.seek(0)
                raise SystemExit(f"{log.read()}\n{self.root}: {e}") from e
            finally:
                process.kill()
                process.wait()


@contextlib.contextmanager
def unpacked(archive):
    # Not in /tmp, which may be of memory.
    with tempfile.TemporaryDirectory(dir=os.path.dirname(archive) or ".") as root:
        yield UnpackedImage(archive, os.path.abspath(root))


def await_answer(port, process):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=PATIENCE_SECONDS):
                return
        except OSError:
            pass
        if process.poll() is not None:
            raise ChildProcessError(f"the image's entry point ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"the image's entry point did not answer within {PATIENCE_SECONDS} s")
        time.sleep(0.01)
