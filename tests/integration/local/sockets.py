"""Where a process listens, according to the kernel."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTENING = "0A"


GONE = (FileNotFoundError, ProcessLookupError)


def listening_sockets(pid: int) -> set[tuple[str, int]]:
    """Give the TCP addresses, of both IP versions, and the ports that a process listens on: none if it has ended."""
    with suppress(*GONE):
        inodes = _inodes_of(Path(f"/proc/{pid}/fd"))
        # A process that ended and was not reaped has no tables of addresses.
        if inodes:
            return {
                found
                for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6))
                for found in _listening(Path(f"/proc/{pid}/net/{table}"), family, inodes)
            }
    return set()


def _inodes_of(descriptors: Path) -> set[str]:
    """Give the inodes of the sockets that a process has open. It may close some meanwhile."""
    inodes = set()
    for descriptor in descriptors.iterdir():
        with suppress(*GONE):
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    return inodes


def _listening(table: Path, family: socket.AddressFamily, inodes: set[str]) -> Iterator[tuple[str, int]]:
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == LISTENING and fields[9] in inodes:
            address, _, port = fields[1].partition(":")
            words = bytes.fromhex(address)
            # The kernel prints each 32-bit word in the byte order of the machine.
            packed = b"".join(struct.pack(">I", word) for (word,) in struct.iter_unpack("=I", words))
            yield socket.inet_ntop(family, packed), int(port, 16)


def listening_addresses(pid: int) -> set[str]:
    """Give the TCP addresses, of both IP versions, that a process listens on."""
    return {address for address, _port in listening_sockets(pid)}
