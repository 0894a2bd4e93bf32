"""Search everything that the pipeline wrote for personal data that a test planted.

Pure: bytes in, planted values out. A value is found in upper or lower case and in every one of ENCODINGS; a number also
with any signs between its digits and in digits of other scripts; and each as its MD5, SHA-1 or SHA-256, also cut to 128
bits. Digests count because anyone with the customer list can turn them back into names.
"""

import base64
import gzip
import hashlib
import html
import json
import quopri
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, unquote_to_bytes

# How a text could stand in a place, each as a function from text to bytes.
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "latin-1": lambda text: text.encode("latin-1"),
    "utf-16 little-endian": lambda text: text.encode("utf-16-le"),
    "utf-16 big-endian": lambda text: text.encode("utf-16-be"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 after one character": lambda text: base64.b64encode(f"a{text}".encode()),
    "base64 after two characters": lambda text: base64.b64encode(f"ab{text}".encode()),
    "percent signs": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "url": lambda text: quote(text).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "json": lambda text: json.dumps(text).encode(),
    "every character as in json": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text).encode(),
    "html entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text).encode(),
    "html entities in hex": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "python": lambda text: repr(text.encode()).encode(),
    "backwards": lambda text: text[::-1].encode(),
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)),
}
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_CONTAINER = 31  # zlib's wbits
# Card and telephone numbers have at least this many digits, with up to three signs between any two.
_DIGITS = re.compile(rb"[0-9](?:[^0-9A-Za-z\n]{0,3}[0-9]){10,}")
_SEPARATORS = re.compile(rb"[^0-9]")
_ESCAPED = re.compile(rb"\\+(?:u00|x)([0-9a-fA-F]{2})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"(?:[0-9a-f]{2}){5,}", re.IGNORECASE)
_DIGEST = re.compile(rb"[0-9a-f]{32,}", re.IGNORECASE)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class PersonalData:
    """Planted names and numbers. A name is searched as a whole; pass first name and surname to find each alone."""

    def __init__(self, names: Iterable[str], numbers: Iterable[str]) -> None:
        spelled = {form: name for name in names for form in _spellings(name)}
        spelled |= {form: name for name in names for form in _spellings(name[::-1])}
        # Many people share a first name, and most texts hold none. So look for the start of a name first.
        self._names: dict[bytes, dict[bytes, str]] = {}
        for form, name in spelled.items():
            self._names.setdefault(form.partition(b" ")[0], {})[form] = name
        self._numbers = {written.encode(): number for number in numbers for written in (number, number[::-1])}
        self._lengths = sorted({len(number) for number in self._numbers})
        values = {*spelled.values(), *self._numbers.values()}
        self._digests = {digest: value for value in values for digest in _digests(value)}

    def found_in(self, body: bytes) -> set[str]:
        """Return the planted values that a text holds in any form."""
        plain = _expanded(body)
        found = set(self._digests_in(plain))
        for view in set(_views(plain)):
            found.update(self._names_in(view.lower()))
            found.update(self._numbers_in(view))
        return found

    def found_among(self, places: Mapping[str, bytes]) -> dict[str, set[str]]:
        """Return the places that hold planted values, with the values. Empty if there are none."""
        return {place: found for place, body in places.items() if (found := self.found_in(body))}

    def _names_in(self, lowered: bytes) -> Iterator[str]:
        for start, forms in self._names.items():
            if start in lowered:
                yield from (name for form, name in forms.items() if form in lowered)

    def _numbers_in(self, view: bytes) -> Iterator[str]:
        for run in set(_DIGITS.findall(view)):
            digits = _SEPARATORS.sub(b"", run)
            for length in self._lengths:
                for start in range(len(digits) - length + 1):
                    if number := self._numbers.get(digits[start : start + length]):
                        yield number

    def _digests_in(self, plain: bytes) -> Iterator[str]:
        for run in _DIGEST.findall(plain):
            if value := self._digests.get(run.lower()):
                yield value


def _spellings(name: str) -> set[bytes]:
    """Return a name's bytes to compare with lower-cased text. `bytes.lower` changes ASCII only, so É and é differ."""
    cases = (name, name.lower(), name.upper())
    return {case.encode(encoding, "ignore").lower() for case in cases for encoding in ("utf-8", "latin-1")}


def _digests(value: str) -> Iterator[bytes]:
    for text in {value, value.lower(), value.upper()}:
        for algorithm in ("md5", "sha1", "sha256"):
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest().encode()
            yield from {digest, digest[:32]}


def _expanded(body: bytes) -> bytes:
    """Expand gzip as far as possible, because anyone can read the start of a broken stream."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    stream = zlib.decompressobj(_GZIP_CONTAINER)
    expanded = b""
    try:
        for start in range(0, len(body), 1024):
            expanded += stream.decompress(body[start : start + 1024])
    except zlib.error:
        pass  # Search what was expanded so far.
    return expanded + stream.unused_data


def _views(plain: bytes) -> Iterator[bytes]:
    """Yield the text in every decoding that could hold a value."""
    yield plain
    yield plain.replace(b"\0", b"")  # UTF-16 of Latin letters
    unescaped = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), plain)
    yield unescaped.replace(b"\0", b"")
    yield unquote_to_bytes(plain.replace(b"+", b" "))
    if b"&" in plain:
        yield html.unescape(plain.decode("latin-1")).encode("latin-1", "ignore")
        yield html.unescape(plain.decode(errors="ignore")).encode()
    if b"=" in plain:
        yield quopri.decodestring(plain)
    if not plain.isascii():
        yield _in_usual_digits(plain.decode(errors="ignore"))
    yield b"\n".join(_from_base64(plain))
    yield b"\n".join(bytes.fromhex(run.decode()) for run in set(_HEX.findall(plain)))


def _in_usual_digits(text: str) -> bytes:
    composed = unicodedata.normalize("NFKC", text)
    return "".join(sign if sign.isascii() else str(unicodedata.digit(sign, sign)) for sign in composed).encode()


def _from_base64(plain: bytes) -> Iterator[bytes]:
    """Decode every run that could be base64. Its first character may be any of a group of four, so try all four."""
    for run in set(_BASE64.findall(plain)):
        for start in range(4):
            encoded = run[start:].translate(_URL_SAFE)
            # One character after the last whole group holds no byte. Two or three may lack their padding.
            whole = len(encoded) - (len(encoded) % 4 == 1)
            decoded = base64.b64decode(encoded[:whole] + b"=" * (-whole % 4))
            # A message carries rows as gzip in base64.
            before, magic, after = decoded.partition(_GZIP_MAGIC)
            yield before + _expanded(magic + after)
