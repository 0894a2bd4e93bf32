"""Where a process listens, according to the kernel."""

import socket
import struct
from pathlib import Path

LISTENING = "0A"


def listening_sockets(pid: int) -> set[tuple[str, int]]:
    """Give the TCP addresses, of both IP versions, and the ports that a process listens on."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = str(descriptor.readlink())
        if target.startswith("socket:["):
            inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    sockets: set[tuple[str, int]] = set()
    if not inodes:
        # A process that ended and was not reaped has no tables of addresses either.
        return sockets
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                words = bytes.fromhex(address)
                # The kernel prints each 32-bit word in the byte order of the machine.
                packed = b"".join(struct.pack(">I", word) for (word,) in struct.iter_unpack("=I", words))
                sockets.add((socket.inet_ntop(family, packed), int(port, 16)))
    return sockets


def listening_addresses(pid: int) -> set[str]:
    """Give the TCP addresses, of both IP versions, that a process listens on."""
    return {address for address, _port in listening_sockets(pid)}
