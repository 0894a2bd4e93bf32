"""A container registry with images of one program each, so that a real engine can pull by digest without a network."""

import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
# What the container runs, and what its health check calls. `true` means that Grafana answers.
PROGRAMS = {"bin/sh": "/bin/sh", "bin/sleep": "/bin/sleep", "usr/bin/wget": "/bin/true"}


@dataclass
class Registry:
    """Serves pulls of the images that `add` made, over plain HTTP on loopback, which engines accept."""

    repository: str
    port: int = 0
    contents: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # type and bytes by digest

    def add(self, version: str) -> str:
        """Make an image that differs from those of other versions; return NAME:VERSION@sha256:DIGEST."""
        files = _root_folder()
        layer = gzip.compress(files, mtime=0)
        config = {
            "architecture": _architecture(),
            "os": "linux",
            # Long ago, as Grafana's image is built long before a host pulls it.
            "created": "2020-01-01T00:00:00Z",
            "config": {
                "Cmd": ["/bin/sleep", "600"],
                "User": "472",
                "StopSignal": "SIGKILL",
                "Labels": {"version": version},
            },
            "rootfs": {"type": "layers", "diff_ids": [_digest(files)]},
        }
        parts = [self._keep(CONFIG, json.dumps(config).encode()), self._keep(LAYER, layer)]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}
        digest = self._keep(MANIFEST, json.dumps(manifest).encode())["digest"]
        return f"localhost:{self.port}/{self.repository}:{version}@{digest}"

    def _keep(self, kind: str, content: bytes) -> dict[str, str | int]:
        digest = _digest(content)
        self.contents[digest] = (kind, content)
        return {"mediaType": kind, "digest": digest, "size": len(content)}


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """Serve a registry on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = registry.contents.get(self.path.rpartition("/")[2], ("application/json", b"{}"))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", _digest(content))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _architecture() -> str:
    machine = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
    return {"x86_64": "amd64", "aarch64": "arm64"}[machine]


def _root_folder() -> bytes:
    """Pack this machine's own programs and the libraries that they load."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, program in (PROGRAMS | _libraries()).items():
            content = Path(program).read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _libraries() -> dict[str, str]:
    listed = subprocess.run(["ldd", *PROGRAMS.values()], capture_output=True, text=True, check=True).stdout
    return {path.lstrip("/"): path for path in re.findall(r"(?:^|\s)(/\S+) \(0x", listed)}
