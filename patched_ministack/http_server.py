"""Serve the emulator by uvicorn, as ministack's own hypercorn reads HTTP in Python (docs/decisions/local-twin.md)."""

from typing import Any

import hypercorn.asyncio
import uvicorn

# How long a stopping emulator waits for answers that are under way: hypercorn's default.
STOP_SECONDS = 3


def serve_by_uvicorn() -> None:
    """Let ministack's main start uvicorn where it would start hypercorn."""
    hypercorn.asyncio.serve = serve


async def serve(app: Any, config: Any) -> None:
    """Serve an application at the one address of hypercorn's configuration, until the process is stopped."""
    (address,) = config.bind
    host, _, port = address.rpartition(":")
    settings = uvicorn.Config(
        app,
        host=host,
        port=int(port),
        http="httptools",
        ws="none",
        lifespan="on",
        timeout_keep_alive=int(config.keep_alive_timeout),
        timeout_graceful_shutdown=STOP_SECONDS,
        # ministack logs for itself.
        log_config=None,
        log_level="warning",
        access_log=False,
        # It also adds a date to an answer that has none; AWS names no server.
        date_header=False,
        server_header=False,
        # Nothing stands before the emulator, so no header says who the client is.
        proxy_headers=False,
    )
    await uvicorn.Server(settings).serve()
