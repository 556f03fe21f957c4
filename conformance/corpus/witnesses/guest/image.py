#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0

"""image.py PROGRAM NAME TAG LAYER.tar IMAGE.tar [ARG…]: an image of one static program, as a file tree
(for podman import) and in the format of docker save (for ctr images import)."""

import hashlib
import io
import json
import sys
import tarfile

program, name, tag, layer_file, image_file = sys.argv[1:6]


def add(archive, path, data, mode=0o644):
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(data), mode
    archive.addfile(info, io.BytesIO(data))


with open(program, "rb") as f, tarfile.open(layer_file, "w") as layer:
    add(layer, name, f.read(), 0o755)
with open(layer_file, "rb") as f:
    data = f.read()
digest = hashlib.sha256(data).hexdigest()
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/" + name, *sys.argv[6:]]},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]}, "history": [{"created": "2026-01-01T00:00:00Z"}],
}).encode()
config_file = hashlib.sha256(config).hexdigest() + ".json"
with tarfile.open(image_file, "w") as image:
    add(image, config_file, config)
    add(image, digest + "/layer.tar", data)
    add(image, "manifest.json", json.dumps([{"Config": config_file, "RepoTags": [tag], "Layers": [digest + "/layer.tar"]}]).encode())
