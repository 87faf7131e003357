#!/usr/bin/env python3
"""Makes an OCI image archive of one layer from files of this machine, without a container engine.

The same files give the same archive, byte for byte: entries are sorted, owned by root, dated 1970.
Items, each `DEST=SOURCE` (a file, or a directory with all that is in it; hard links stay hard links),
`DEST->TARGET` (a symbolic link) or `DEST/` (an empty directory; one named tmp is writable for all).
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import platform
import stat
import tarfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def entry(path, kind, mode):
    info = tarfile.TarInfo(path.strip("/"))
    info.type = kind
    info.mode = mode
    return info


def files_below(dest, source):
    """Pairs (path in the image, path on this machine) of a file, or of all that a directory holds."""
    if not os.path.isdir(source) or os.path.islink(source):
        yield dest, source
        return
    yield dest, source
    for name in sorted(os.listdir(source)):
        yield from files_below(dest.rstrip("/") + "/" + name, os.path.join(source, name))


class Layer:
    """The layer's entries by path; parents are made as they are needed."""

    def __init__(self):
        self.entries = {}
        self.hard_links = {}

    def add(self, item):
        if item.endswith("/"):
            mode = 0o1777 if os.path.basename(item.rstrip("/")) == "tmp" else 0o755
            self.put(entry(item, tarfile.DIRTYPE, mode))
        elif "->" in item:
            dest, target = item.split("->", 1)
            self.put_link(dest, target)
        else:
            dest, source = item.split("=", 1)
            for path, file in files_below(dest, source):
                self.put_file(path, file)

    def put_file(self, dest, source):
        status = os.lstat(source)
        if stat.S_ISLNK(status.st_mode):
            self.put_link(dest, os.readlink(source))
        elif stat.S_ISDIR(status.st_mode):
            self.put(entry(dest, tarfile.DIRTYPE, status.st_mode & 0o7777))
        else:
            with open(source, "rb") as file:
                content = file.read()
            info = entry(dest, tarfile.REGTYPE, status.st_mode & 0o777)
            info.size = len(content)
            info.mtime = int(status.st_mtime) if source.endswith(".jar") else 0  # the AOT cache compares the jars' dates
            self.put(info, content, (status.st_dev, status.st_ino) if status.st_nlink > 1 else None)

    def put_link(self, dest, target):
        info = entry(dest, tarfile.SYMTYPE, 0o777)
        info.linkname = target
        self.put(info)

    def put(self, info, content=b"", inode=None):
        parent = os.path.dirname(info.name)
        if parent and parent not in self.entries:
            self.put(entry(parent, tarfile.DIRTYPE, 0o755))
        self.entries[info.name] = (info, content, inode)

    def archive(self):
        raw = io.BytesIO()
        first = {}
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(self.entries):
                info, content, inode = self.entries[name]
                if inode in first:
                    info.type, info.linkname, info.size = tarfile.LNKTYPE, first[inode], 0
                    tar.addfile(info)
                    continue
                if inode:
                    first[inode] = name
                tar.addfile(info, io.BytesIO(content))
        return raw.getvalue()


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def write_image(output, name, layer, config):
    compressed = gzip.compress(layer, 1, mtime=0)
    blobs = []

    def blob(content, media_type):
        blobs.append(content)
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    oci = "application/vnd.oci.image."
    configuration = {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci + "manifest.v1+json",
        "config": blob(json.dumps(configuration).encode(), oci + "config.v1+json"),
        "layers": [blob(compressed, oci + "layer.v1.tar+gzip")],
    }
    reference = blob(json.dumps(manifest).encode(), oci + "manifest.v1+json")
    reference["annotations"] = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
    }
    index = {"schemaVersion": 2, "mediaType": oci + "index.v1+json", "manifests": [reference]}
    with tarfile.open(output + ".new", "w") as tar:
        parts = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", json.dumps(index).encode())]
        for path, content in parts + [("blobs/sha256/" + digest(b)[7:], b) for b in blobs]:
            info = entry(path, tarfile.REGTYPE, 0o644)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    os.replace(output + ".new", output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="NAME:TAG")
    parser.add_argument("--entrypoint", action="append", default=[], help="one word of the command; repeat")
    parser.add_argument("--env", action="append", default=["PATH=/usr/local/bin:/usr/bin:/bin"], help="NAME=VALUE")
    parser.add_argument("output")
    parser.add_argument("items", nargs="+")
    arguments = parser.parse_args()
    layer = Layer()
    for item in arguments.items:
        layer.add(item)
    config = {"Entrypoint": arguments.entrypoint, "Env": arguments.env}
    write_image(arguments.output, arguments.name, layer.archive(), config)


if __name__ == "__main__":
    main()
