"""Writes a one-layer image archive, as `docker save` would: image_archive.py NAME OUT.tar ENTRYPOINT SOURCE=DEST...

SOURCE is a file, or a folder that is added with all that is in it. Times are left out of the layer, so the same
content gives the same digest.
"""
import hashlib
import io
import json
import os
import sys
import tarfile


def without_time(info):
    info.mtime = 0
    return info


name, out, entrypoint, *pairs = sys.argv[1:]
layer_path = out + ".layer"
with tarfile.open(layer_path, "w") as tar:
    for source, dest in (pair.split("=") for pair in pairs):
        entries = [(source, dest)] if os.path.isfile(source) else [(os.path.join(source, entry), os.path.join(dest, entry)) for entry in sorted(os.listdir(source))]
        for path, inside in entries:
            tar.add(path, arcname=inside.lstrip("/"), filter=without_time)
with open(layer_path, "rb") as layer:
    layer_digest = hashlib.sha256(layer.read()).hexdigest()

config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Entrypoint": entrypoint.split() or None, "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]},
                     "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]}}).encode()
config_name = hashlib.sha256(config).hexdigest() + ".json"
manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": [f"{layer_digest}/layer.tar"]}]).encode()
with tarfile.open(out, "w") as tar:
    for path, data in ((config_name, config), ("manifest.json", manifest)):
        info = tarfile.TarInfo(path)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    tar.add(layer_path, arcname=f"{layer_digest}/layer.tar", filter=without_time)
os.remove(layer_path)
