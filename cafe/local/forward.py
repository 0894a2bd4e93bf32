"""The program that lets containers on this machine reach the twin, which listens on loopback only.

It listens on the address of the engine's bridge, on one free port for each port of the twin, and passes connections on.
It admits the bridge's network only. Without that, another machine of the same network could come in: Linux accepts a
packet for any of its addresses on any of its interfaces.
"""

import argparse
import asyncio
import ipaddress
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 65536

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def serve(listen: str, admit: str, targets: list[int], ready_file: Path) -> None:
    """Listen, write the ports into the ready file, and pass connections on until SIGTERM."""
    admitted = ipaddress.ip_network(admit)
    servers = [await asyncio.start_server(_passing_on_to(port, admitted), listen, 0) for port in targets]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    ready_file.write_text(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), encoding="utf-8")
    await stopped.wait()


def _passing_on_to(port: int, admitted: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if ipaddress.ip_address(writer.get_extra_info("peername")[0]) not in admitted:
                return
            twin_reader, twin_writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                await asyncio.gather(_copy(reader, twin_writer), _copy(twin_reader, writer))
            finally:
                twin_writer.close()
        except OSError:
            return  # one side is gone, so the other is closed too
        finally:
            writer.close()

    return handle


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    # One side has said all, and may still wait for an answer.
    if writer.can_write_eof():
        writer.write_eof()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True, help="the address of the bridge")
    parser.add_argument("--admit", required=True, help="the network that may connect, such as 172.17.0.0/16")
    parser.add_argument("--to", required=True, type=int, action="append", help="a port of the twin; may be repeated")
    parser.add_argument("--ready-file", required=True, type=Path, help="gets the ports, in the order of --to")
    options = parser.parse_args()
    asyncio.run(serve(options.listen, options.admit, options.to, options.ready_file))


if __name__ == "__main__":
    main()
