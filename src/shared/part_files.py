"""Compress text in memory as it grows: how extract and transform write their parts."""

import zlib

GZIP_WINDOW_BITS = 31
# Level 1: a higher level costs more of the function's time than the saved bytes are worth (docs/decisions/stages.md).
COMPRESSION_LEVEL = 1


class PartFile:
    """A gzip member under construction; the same lines always give the same bytes (no name, no time inside)."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, GZIP_WINDOW_BITS)
        self._compressed: list[bytes] = []

    def write(self, text: bytes) -> None:
        """Append whole lines; blocks of about 256 KiB are fastest."""
        self._compressed.append(self._compressor.compress(text))

    def finish(self) -> bytes:
        """Close the member and return all of it. Nothing may be written after this."""
        self._compressed.append(self._compressor.flush())
        return b"".join(self._compressed)
