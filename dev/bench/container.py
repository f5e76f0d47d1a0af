"""A container's memory, without a container engine."""

import contextlib
import os
from pathlib import Path


class Container:
    """A memory cgroup, of version 1 or 2."""

    def __init__(self, limit):
        if os.path.exists("/sys/fs/cgroup/memory"):
            self.path = f"/sys/fs/cgroup/memory/kvs-{os.getpid()}"
            self.limit_file, self.cache_field = "memory.limit_in_bytes", "cache"
        else:
            self.path = f"/sys/fs/cgroup/kvs-{os.getpid()}"
            self.limit_file, self.cache_field = "memory.max", "file"
        os.mkdir(self.path)
        Path(self.path, self.limit_file).write_text(str(limit))

    def fields(self, file):
        return dict(line.split() for line in Path(self.path, file).read_text().splitlines() if " " in line)

    def cache(self):
        return int(self.fields("memory.stat")[self.cache_field])

    def oom_kills(self):
        file = "memory.events" if self.limit_file == "memory.max" else "memory.oom_control"
        return int(self.fields(file)["oom_kill"])

    def remove(self):
        with contextlib.suppress(OSError):
            os.rmdir(self.path)
