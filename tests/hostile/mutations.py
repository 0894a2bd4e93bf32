"""Draw unbroken branch files of any dialect and document, and mutations of them, from one random generator."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from cafe.generate.dialects import HEADERS, NAMED_DIALECTS, Feed
from cafe.generate.documents import Habits, as_the_document_has_them, write_as
from cafe.generate.history import orders_of, plan
from cafe.generate.orders import Order
from cafe.generate.rendering import render
from cafe.generate.writing import fault_plan
from extract.dialects.catalogue import shipped
from hostile.judgement import CARD, NAME

GZIP_MAGIC = b"\x1f\x8b"
# Some documents have the café in the file's name only.
CAFE = "leeds"
KEY = f"2026/11/20/{CAFE}_20-11-2026_20-00-00.csv"
KEYS = (KEY, f"{KEY}.gz", KEY.replace(".csv", " ü + %.CSV"))
INSERTS = (
    '"',
    ",",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\ufeff",
    ";",
    "'",
    '""',
    '"\n"',
    ",,,",
    "\u202e",
    "é",
    "£",
    " - ",
    "-",
    "9" * 14,
    # Blanks, a dash, digits, an accent and fillers of other scripts.
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u2013",
    "\u0664",
    "\uff14",
    "\u0301",
    "\u3164",
    "\ufe0f",
    "\ue000",
)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Genuine:
    """A file as a till, person or program would write it."""

    body: bytes
    dialect: str


def draw_genuine(chance: Random) -> Genuine:
    """Invent a file of a few orders: in any document, or in a feed as people and programs change it.

    Each customer is the planted one.
    """
    return _of_a_document(chance) if chance.random() < 0.5 else _of_a_feed(chance)


def _of_a_document(chance: Random) -> Genuine:
    document = chance.choice(shipped().documents)
    orders = as_the_document_has_them(_draw_orders(chance, Feed.B), document, CAFE)
    habits = Habits(chance.randrange(10), chance.random() < 0.5, chance.random() < 0.5)
    return Genuine(write_as(orders, document, habits), document.name)


def _of_a_feed(chance: Random) -> Genuine:
    name = chance.choice([name for name in NAMED_DIALECTS if name != "foreign"])
    named = NAMED_DIALECTS[name]
    feed = Feed.B if name in ("excel", "pandas", "exploded", "handwritten", "padded") else chance.choice(list(Feed))
    orders = _draw_orders(chance, feed)
    return Genuine(b"".join(render(orders, named.on_feed(feed), fault_plan(named.fault_every))), name)


def _draw_orders(chance: Random, feed: Feed) -> list[Order]:
    days = plan(
        feed=feed, seed=chance.getrandbits(32), branches=1, orders=chance.randint(1, 25), until=date(2026, 11, 19)
    )
    return [order._replace(customer=NAME, card_number=CARD if order.card_number else "") for order in orders_of(days)]


def draw_mutated(chance: Random) -> tuple[bytes, str]:
    """Draw a file and apply one to four mutations; return the bytes and the names of the mutations."""
    genuine = draw_genuine(chance)
    body, done = genuine.body, [genuine.dialect]
    if body.startswith(GZIP_MAGIC) and chance.random() < 0.8:
        body = gzip.decompress(body)
    for _ in range(chance.randint(1, 4)):
        mutation = chance.choice(MUTATIONS)
        body = mutation(body, chance)
        done.append(mutation.__name__)
    return body, "+".join(done)


def lines_of(body: bytes) -> list[bytes]:
    """Split a file into lines, with their line ends."""
    return [line for line in _LINE.findall(body) if line]


def _flip(body: bytes, chance: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _delete(body: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    return body[:start] + body[start + chance.choice((1, 1, 2, 10, 60, 200)) :]


def _repeat(body: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    piece = body[start : start + chance.choice((1, 5, 80, 400))]
    return body[:start] + piece * chance.choice((2, 3, 20)) + body[start + len(piece) :]


def _insert(body: bytes, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 6))):
        start = chance.randrange(len(body) + 1)
        body = body[:start] + chance.choice(INSERTS).encode() + body[start:]
    return body


def _cut(body: bytes, chance: Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _shuffle(body: bytes, chance: Random) -> bytes:
    lines = lines_of(body)
    chance.shuffle(lines)
    return b"".join(lines)


def _splice(body: bytes, chance: Random) -> bytes:
    other = draw_genuine(chance).body
    at = chance.randrange(len(body) + 1)
    return body[:at] + other + body[at:] if chance.random() < 0.5 else body + other[chance.randrange(len(other) + 1) :]


def _drop_commas(body: bytes, chance: Random) -> bytes:
    return body.replace(b",", chance.choice((b"", b";", b", ", b"\t", b",,")), chance.choice((1, 3, -1)))


def _unquote(body: bytes, chance: Random) -> bytes:
    return body.replace(b'"', b"", chance.choice((1, 2, -1)))


def _header(body: bytes, chance: Random) -> bytes:
    lines = lines_of(body)
    # A header is a tuple of column names or a line, as the generator keeps it.
    header = chance.choice(HEADERS)
    text = header if isinstance(header, str) else ",".join(header)
    lines.insert(chance.randrange(len(lines) + 1), text.strip().encode() + b"\n")
    return b"".join(lines)


def _encode(body: bytes, chance: Random) -> bytes:
    text = body.decode("utf-8", errors="ignore")
    return text.encode(chance.choice(("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-7")), errors="ignore")


def _compress(body: bytes, chance: Random) -> bytes:
    packed = gzip.compress(body, mtime=0)
    return packed if chance.random() < 0.5 else _flip(packed, chance)


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _delete, _repeat, _insert, _insert, _insert, _cut, _shuffle, _splice, _drop_commas, _unquote, _header,
    _encode, _compress,
)  # fmt: skip


# --- changes of form that must not change the orders


def same_sales(body: bytes, chance: Random) -> tuple[bytes, str]:
    """Rewrite a file in another form with the same meaning; return the bytes and the key."""
    text = gzip.decompress(body) if body.startswith(GZIP_MAGIC) else body
    plain = text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    written = plain.replace(b"\n", chance.choice((b"\n", b"\r", b"\r\n")))
    if chance.random() < 0.5:
        written = b"\xef\xbb\xbf" + written
    if chance.random() < 0.3:
        written = gzip.compress(written)
    return written, chance.choice(KEYS)
