"""Compress text in memory as it grows: how extract and transform write their parts."""

from isal import isal_zlib

GZIP_WINDOW_BITS = 31
# Level 1 of ISA-L: other levels and libraries cost more time, or bytes (docs/decisions/stages.md).
COMPRESSION_LEVEL = 1


class PartFile:
    """A gzip member under construction. The same lines give the same bytes on one kind of processor: no time inside."""

    def __init__(self) -> None:
        self._compressor = isal_zlib.compressobj(COMPRESSION_LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW_BITS)
        self._compressed: list[bytes] = []

    def write(self, text: bytes) -> None:
        """Append whole lines; blocks of about 256 KiB are fastest."""
        self._compressed.append(self._compressor.compress(text))

    def finish(self) -> bytes:
        """Close the member and return all of it. Nothing may be written after this."""
        self._compressed.append(self._compressor.flush())
        return b"".join(self._compressed)
