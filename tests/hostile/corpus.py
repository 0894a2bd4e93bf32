"""The hostile files: each with the failure that it tests, and the expected result."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from extract.cells import MAX_NAME_BYTES
from hostile.judgement import CARD, NAME


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A file and its expected result: outcome or reason, orders, pence, and rejects as line and rule."""

    fault: str
    name: str
    body: Callable[[], bytes]
    outcome: str
    orders: int = 0
    pence: int = 0
    rejects: tuple[tuple[int, str], ...] = ()
    key: str = "hostile.csv"


def row(
    when: str = "20/11/2026 09:00",
    branch: str = "Leeds",
    customer: str = NAME,
    basket: str = "Large Latte - 2.45",
    total: str = "2.45",
    payment: str = "CARD",
    card: str = CARD,
) -> str:
    """Write a row of feed B."""
    return f"{when},{branch},{customer},{basket},{total},{payment},{card}\n"


def old_row(
    basket: str = '"Large,Latte,2.45"', payment: str = "CARD", total: str = "2.45", card: str = f'"visa,{CARD}"'
) -> str:
    """Write a row of feed A."""
    return f"2026-11-20 09:01:00,Leeds,{NAME},{basket},{payment},{total},{card}\n"


GOOD = row()
HEADER = "timestamp,branch,customer,basket,price,method,card\n"
CORPUS: list[HostileFile] = []


def _add(
    fault: str,
    name: str,
    body: str | bytes | Callable[[], bytes],
    outcome: str,
    *facts: object,
    key: str = "hostile.csv",
) -> None:
    made = body if callable(body) else (lambda: body.encode() if isinstance(body, str) else body)
    defaults: tuple[object, ...] = (0, 0, ())
    orders, pence, rejects = (*facts, *defaults[len(facts) :])
    CORPUS.append(HostileFile(fault, name, made, outcome, orders, pence, rejects, key))  # type: ignore[arg-type]


def _one_bad(fault: str, name: str, bad: str, rule: str) -> None:
    """Add a bad row between two good ones. Only the bad row must be rejected."""
    _add(fault, name, GOOD + bad + GOOD, "read", 2, 490, ((2, rule),))


def _zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, GOOD)
    return buffer.getvalue()


def _bomb(piece: bytes, times: int) -> bytes:
    """Compress many pieces without holding all of them in memory."""
    member = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(member.compress(piece) for _ in range(times)) + member.flush()


def _long_line(size: int) -> bytes:
    return GOOD.encode() + b"x" * size + b"\n" + GOOD.encode()


# --- names (F07)
for _name, _key in {
    "path upwards": "../../etc/passwd.csv",
    "encoded path upwards": "%2e%2e%2f%2e%2e%2fetc.csv",
    "absolute": "/etc/leeds.csv",
    "blanks and pluses": "2026/11/20/leeds + (1) %20.csv",
    "umlaut and emoji": "2026/11/20/café ü ☕.csv",
    "1,024 bytes": "k" * 1008 + ".csv",
    "injection": "2026/11/20/'; drop table ops.files;--.csv",
    "upper case": "2026/11/20/LEEDS.CSV",
}.items():
    _add("F07", f"key: {_name}", GOOD, "read", 1, 245, key=_key)
_add("F07", "key: line feed", GOOD, "unsupported_key", key="2026/11/20/leeds\n.csv")
_add("F07", "key: NUL", GOOD, "unsupported_key", key="2026/11/20/leeds\0.csv")
_add("F07", "key: 1,020 quotes", GOOD, "unsupported_key", key='"' * 1020 + ".csv")

# --- empty files (F08), incomplete files (F09)
_add("F08", "no byte", b"", "empty")
_add("F08", "header only", HEADER, "empty")
_add("F08", "headers only", HEADER * 3, "empty")
_add("F08", "blank lines only", "\n\r\n \n,,,\n", "empty")
_add("F08", "byte order mark only", b"\xef\xbb\xbf", "empty")
_add("F09", "last line without a line end", GOOD + GOOD.strip(), "read", 2, 490)
_add("F09", "last line cut in its basket", GOOD + GOOD[:60], "read", 1, 245, ((2, "wrong_cell_count"),))
_add(
    "F09",
    "last line cut in a quote",
    GOOD + row(basket='"Large Latte - 2.45, Cake')[:70],
    "read",
    1,
    245,
    ((2, "wrong_cell_count"),),
)

# --- compression (F10)
_add("F10", "bomb", lambda: _bomb(b"\0" * 1_000_000, 400), "too_compressed", key="bomb.csv.gz")
_add("F10", "bomb of a genuine row", lambda: _bomb(GOOD.encode() * 10_000, 150), "too_compressed", key="bomb.csv.gz")
_add(
    "F10",
    "bomb of many members",
    lambda: gzip.compress(GOOD.encode() * 20_000, 9) * 300,
    "too_compressed",
    key="bomb.csv.gz",
)
_add("F10", "gzip in gzip", lambda: gzip.compress(gzip.compress(GOOD.encode())), "bad_gzip", key="nested.csv.gz")
_add("F10", "gzip cut short", lambda: gzip.compress(GOOD.encode() * 50)[:-9], "bad_gzip", key="cut.csv.gz")
_add(
    "F10",
    "gzip with a wrong checksum",
    lambda: gzip.compress(GOOD.encode())[:-8] + b"\0" * 8,
    "bad_gzip",
    key="sum.csv.gz",
)
_add(
    "F10", "gzip followed by other bytes", lambda: gzip.compress(GOOD.encode()) + b"more", "bad_gzip", key="more.csv.gz"
)
_add(
    "F10",
    "gzip followed by zeros",
    lambda: gzip.compress(GOOD.encode()) + b"\0" * 512,
    "read",
    1,
    245,
    key="zeros.csv.gz",
)
_add(
    "F10",
    "members, cut inside a row",
    lambda: gzip.compress(GOOD[:30].encode()) + gzip.compress(GOOD[30:].encode()),
    "read",
    1,
    245,
    key="two.csv.gz",
)
_add("F10", "gzip that is named .csv", lambda: gzip.compress(GOOD.encode()), "read", 1, 245)
_add("F10", "plain text that is named .csv.gz", GOOD, "read", 1, 245, key="plain.csv.gz")
_add("F10", "zlib that is named .csv.gz", lambda: zlib.compress(GOOD.encode() * 9), "not_utf8", key="zlib.csv.gz")
_add("F10", "zip that is named .csv", lambda: _zipped("leeds.csv"), "not_utf8")
_add("F10", "a sheet", lambda: _zipped("xl/workbook.xml"), "unsupported_file", key="takings.xlsx")
_add("F10", "a PDF that is named .csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "not_utf8")

_add(
    "F10",
    "20,000 empty members before a row",
    lambda: gzip.compress(b"") * 20_000 + gzip.compress(GOOD.encode()),
    "read",
    1,
    245,
    key="members.csv.gz",
)

# --- line ends (F11)
_add("F11", "byte order mark, CRLF", b"\xef\xbb\xbf" + (GOOD * 2).replace("\n", "\r\n").encode(), "read", 2, 490)
_add("F11", "CR alone", (GOOD * 2).replace("\n", "\r"), "read", 2, 490)
_add(
    "F11", "all kinds in one file", GOOD + GOOD.replace("\n", "\r\n") + GOOD.replace("\n", "\r") + GOOD, "read", 4, 980
)
_add("F11", "LF before CR", GOOD.replace("\n", "\n\r") * 2, "read", 2, 490)

# --- encodings (F12)
_add("F12", "UTF-16, little end first", GOOD.encode("utf-16-le"), "unknown_dialect")
_add("F12", "UTF-16, big end first", GOOD.encode("utf-16-be"), "unknown_dialect")
_add("F12", "UTF-16 with its mark", GOOD.encode("utf-16"), "read", 1, 245)
_add("F12", "UTF-16 with its mark, big end first", b"\xfe\xff" + GOOD.encode("utf-16-be"), "read", 1, 245)
_add("F12", "UTF-16 with its mark, cut in a character", GOOD.encode("utf-16")[:-1], "not_utf8")
_add("F12", "UTF-16 with half of a pair", GOOD.encode("utf-16") + b"\x00\xd8", "not_utf8")
_add("F12", "UTF-32 with its mark", GOOD.encode("utf-32"), "not_utf8")
_add("F12", "cp1252", row(branch="Café").encode("cp1252"), "not_utf8")
_add("F12", "cp1252, in most rows", (GOOD + row(branch="Café") * 2).encode("cp1252"), "not_utf8")
_add(
    "F12",
    "cp1252, in a few rows",
    (GOOD + row(branch="Café") + GOOD + row(basket="Café - 2.45") + GOOD).encode("cp1252"),
    "read",
    3,
    735,
    ((2, "unreadable_character"), (4, "unreadable_character")),
)
_add("F12", "cp1252, in the customer", row(customer=f"{NAME} é").encode("cp1252"), "read", 1, 245)
_add("F12", "not UTF-8 in the first byte", b"\xff" + GOOD.encode(), "not_utf8")
_add(
    "F12",
    "not UTF-8 after many rows",
    GOOD.encode() * 9000 + b"\xc3\x28\n",
    "read",
    9000,
    2_205_000,
    ((9001, "wrong_cell_count"),),
)
_add("F12", "overlong form", GOOD.encode() + b"\xc0\xaf\n", "read", 1, 245, ((2, "wrong_cell_count"),))
_add("F12", "surrogate", GOOD.encode() + b"\xed\xa0\x80\n", "read", 1, 245, ((2, "wrong_cell_count"),))
_add("F12", "byte order mark cut in two", b"\xef\xbb", "not_utf8")
_add("F12", "character cut at the end", GOOD.encode() + "☕".encode()[:2], "read", 1, 245, ((2, "wrong_cell_count"),))
_add("F12", "four-byte characters", row(branch="Café ☕ 𝔏eeds"), "read", 1, 245)

# --- quotes (F13, F14)
_one_bad("F13", "quote that opens before the time", '"' + GOOD, "stray_quote")
_one_bad("F13", "quote that opens the customer", row(customer='"' + NAME), "stray_quote")
_one_bad("F13", "quote that opens the basket", row(basket='"Large Latte - 2.45'), "stray_quote")
_add(
    "F13",
    "two quotes that enclose good orders",
    row(customer=f'"{NAME}') + GOOD * 2 + row(customer=f'{NAME}"') + GOOD,
    "read",
    4,
    980,
    ((1, "stray_quote"),),
)
_add(
    "F13",
    "two quotes that enclose an order with another separator",
    row(customer='"Zebedee\n' + GOOD.replace(",", "\t") + 'Quillfeather"') + GOOD,
    "read",
    1,
    245,
    ((1, "stray_quote"), (2, "wrong_cell_count"), (3, "wrong_cell_count")),
)
_add("F13", "a quote on each of a hundred lines", row(customer=f'"{NAME}') * 100, "unknown_dialect")
_add(
    "F13",
    "a quote that the next order's quote closes",
    row(customer=f'"{NAME}') * 2 + GOOD,
    "read",
    1,
    245,
    ((1, "stray_quote"), (2, "stray_quote")),
)
_add(
    "F13",
    "a quote that closes after the next order's customer",
    row(customer=f'"{NAME}') + row(customer=f'{NAME}"', total="9") + GOOD,
    "read",
    1,
    245,
    ((1, "stray_quote"), (2, "total_mismatch")),
)
_add(
    "F13",
    "a quote that a cell of the next order closes",
    row(customer=f'"{NAME}') + GOOD.replace(",CARD", '",CARD') + GOOD,
    "read",
    1,
    245,
    ((1, "stray_quote"), (2, "bad_total")),
)
_add("F13", "a quote alone on the last line", GOOD * 2 + '"', "read", 2, 490)
_add("F13", "a quote inside a cell", row(customer=f'{NAME[:4]}"{NAME[4:]}'), "read", 1, 245)
_add("F14", "line ends inside a quoted customer", row(customer='"Zebedee\nQuillfeather"') + GOOD, "read", 2, 490)
_add(
    "F14",
    "CRLF inside a quoted basket",
    row(basket='"Large Latte - 2.45,\r\n Cake - 3.00"', total="5.45") + GOOD,
    "read",
    2,
    790,
)
_add(
    "F14",
    "17 lines inside quotes",
    row(customer='"' + "a\n" * 17 + '"') + GOOD,
    "read",
    1,
    245,
    ((1, "stray_quote"), *((n, "wrong_cell_count") for n in range(2, 18)), (18, "stray_quote")),
)

# --- too long (F15)
_one_bad("F15", "line of 200,000 characters", "y" * 200_000 + "\n", "line_too_long")
_one_bad("F15", "customer of 200,000 characters", row(customer="y" * 200_000), "line_too_long")
_one_bad("F15", "100,000 columns", ",".join("1" * 30_000) + "\n", "wrong_cell_count")
_add("F15", "line of 50 MB", lambda: _long_line(50_000_000), "read", 2, 490, ((2, "line_too_long"),))
_add(
    "F15",
    "100,000 columns, longer than a line may be",
    lambda: (GOOD + "," * 100_000 + "\n" + GOOD).encode(),
    "read",
    2,
    490,
    ((2, "line_too_long"),),
)
_add("F15", "250,000 lines that are no orders", GOOD + "x\n" * 250_000, "few_orders")
_add("F15", "250,000 headers", GOOD + HEADER * 250_000, "few_orders")
_add("F15", "250,000 blank lines", GOOD + "\n" * 250_000, "few_orders")
_add(
    "F15",
    "1,000 long branches with an emoji",
    lambda: GOOD.encode() + b"".join(row(branch=f"{n}{'b' * 58_000}😀").encode() for n in range(1_000)),
    "read",
    1,
    245,
    tuple((n, "bad_branch") for n in range(2, 1_002)),
)
_add(
    "F15",
    "11,000 long orders of one minute",
    lambda: b"".join(
        row(basket=f'"{", ".join(["Cake - 0.01"] * 50)}, Tea {n} - 1.00"', total="1.50").encode() for n in range(11_000)
    ),
    "read",
    11_000,
    11_000 * 150,
)
_add("F15", "300 quoted lines", '"\n' * 300, "unknown_dialect")
_one_bad("F15", "branch that is too long", row(branch="b" * (MAX_NAME_BYTES + 1)), "bad_branch")

# --- headers and columns (F16)
_add("F16", "no header", GOOD, "read", 1, 245)
_add("F16", "header of the other feed", "timestamp,branch,customer,basket,method,price,card\n" + GOOD, "read", 1, 245)
_add(
    "F16",
    "columns in another order",
    "Customer Name,Drink,Quantity,Price,Shop,Payment Type,Card Number,Sale Time\n"
    f"{NAME},Latte,2,3.50,Leeds,Card,{CARD},20/11/2026 10:23\n",
    "unknown_dialect",
)
_add("F16", "a column twice", HEADER.strip() + ",card\n" + GOOD, "read", 1, 245)
_one_bad("F16", "a column more, at the end", GOOD.strip() + ",extra\n", "wrong_cell_count")
_one_bad("F16", "two columns more", GOOD.strip() + ",extra,extra\n", "wrong_cell_count")
_one_bad("F16", "a column fewer", GOOD.rpartition(",")[0] + "\n", "wrong_cell_count")
_add("F16", "semicolons", GOOD.replace(",", ";"), "read", 1, 245)
_add("F16", "tabs", GOOD.replace(",", "\t"), "read", 1, 245)
_add("F16", "vertical bars", GOOD.replace(",", "|"), "unknown_dialect")
_add("F16", "two separators", GOOD * 2 + GOOD.replace(",", ";"), "read", 2, 490, ((3, "wrong_cell_count"),))
_add("F16", "JSON lines", '{"branch": "Leeds", "total": 2.45}\n' * 3, "unknown_dialect")
_add("F16", "HTML", "<html><body>Sign in</body></html>\n" * 3, "unknown_dialect")

# --- invisible characters (F17)
for _name, _sign in {
    "NUL": "\0",
    "bell": "\a",
    "right-to-left override": "\u202e",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "tag letter": "\U000e0041",
}.items():
    _one_bad("F17", f"branch with {_name}", row(branch=f"Le{_sign}eds"), "control_character")
_one_bad("F17", "basket with NUL", row(basket="Large Lat\0te - 2.45"), "control_character")
_add("F17", "customer with all of them", row(customer="\0\a\u202e\u200b\u00ad"), "read", 1, 245)

# --- numbers (F18), sums (F19)
for _total in (
    "NaN",
    "inf",
    "1e3",
    "1_000",
    "2,45",
    "2.45 GBP",
    "٢.٤٥",
    "２.４５",
    "2.455",
    "0x2",
    "+2.45",
    "1,000.00",
    "",
):
    _cell = f'"{_total}"' if "," in _total else _total
    _one_bad("F18", f"total {_total or 'empty'}", row(total=_cell), "bad_total")
for _total in ("-0", "-2.45", "(2.45)", "£-2.45", "2.45-"):
    _one_bad("F18", f"total {_total}", row(total=_total), "refund_not_supported")
_one_bad("F18", "price in Arabic digits", row(basket="Large Latte - ٢.٤٥"), "item_without_price")
for _times in (1, 2):
    _add(
        "F18",
        f"a comma after the last item, {_times} times",
        GOOD + row(basket='"Large Latte - 2.45, "') * _times + GOOD,
        "read",
        2,
        490,
        tuple((2 + n, "item_without_price") for n in range(_times)),
    )
for _price in ("-2.45", " - 2.45", "(2.45)"):
    _one_bad(
        "F18", f"a refund of {_price} in feed A", old_row(basket=f'"Large,Latte,{_price}"'), "refund_not_supported"
    )
_one_bad("F18", "a refund in the basket", row(basket="Large Latte - -2.45", total="-2.45"), "refund_not_supported")
_SQUARE = "Date,Time,Item,Qty,Gross Sales,Discounts,Transaction ID,Location,Customer Name\n"
for _discount, _rule in {
    "-2.46": "bad_discount", "10%": "bad_discount", "1e1": "bad_discount", "NaN": "bad_discount",
    "- -0.45": "bad_discount", "\u0661": "bad_discount", CARD: "bad_discount", NAME: "bad_discount",
}.items():  # fmt: skip
    _cells = "2026-11-20,09:00,Latte,1,2.45,{},t{},Leeds,{}\n"
    _add(
        "F19",
        f"discount {_discount}",
        _SQUARE + _cells.format("-0.45", 1, NAME) + _cells.format(_discount, 2, NAME) + GOOD,
        "read",
        2,
        445,
        ((3, _rule),),
    )
_one_bad("F19", "a penny too much", row(total="2.46"), "total_mismatch")
_one_bad("F19", "a total of zero", row(total="0"), "total_mismatch")
_add("F19", "a sum that floats get wrong", row(basket='"Cake - 0.10, Cake - 0.20"', total="0.30"), "read", 1, 30)

# --- times (F20)
for _when, _rule in {
    "01/01/1970 00:00": "date_out_of_range", "20/11/2099 09:00": "date_out_of_range",
    "31/12/1999 23:59": "date_out_of_range", "22/11/2026 09:00": "date_out_of_range",
    "29/02/2025 09:00": "bad_timestamp", "31/11/2026 09:00": "bad_timestamp", "11/20/2026 09:00": "bad_timestamp",
    "20/11/2026 24:00": "bad_timestamp", "20/11/2026 09:60": "bad_timestamp", "20/11/26 09:00": "bad_timestamp",
    "20 Nov 2026 09:00": "bad_timestamp", "1732093200": "bad_timestamp", "": "bad_timestamp",
}.items():  # fmt: skip
    _one_bad("F20", f"time {_when or 'empty'}", row(when=_when), _rule)
_add("F20", "29 February of a leap year", row(when="29/02/2024 09:00"), "read", 1, 245)
_add("F20", "the day after it was written", row(when="21/11/2026 09:00"), "read", 1, 245)

# --- injection (F22)
for _name, _text in {
    "a formula": "=HYPERLINK(A1)",
    "a plus": "+SUM(A1)",
    "an at": "@SUM(A1)",
    "SQL": "Robert'); drop table core.orders;--",
    "a script": "<script>alert(1)</script>",
}.items():
    _add("F22", f"product that is {_name}", row(basket=f"{_text} - 2.45"), "read", 1, 245)
    _add("F22", f"branch that is {_name}", row(branch=_text), "read", 1, 245)

# --- commas that shift cells (F23)
_one_bad("F23", "comma in the customer", row(customer="Quillfeather, Zebedee"), "wrong_cell_count")
_one_bad("F23", "comma in the basket", row(basket="Large Latte - 2.45, Cake - 3.00"), "wrong_cell_count")
_one_bad("F23", "comma for the empty card, card in the payment", row(payment=CARD, card=""), "bad_payment")
_one_bad("F23", "card as the branch", row(branch=CARD), "possible_card_number")
_one_bad("F23", "card as an item", row(basket=f"{CARD} - 2.45"), "possible_card_number")
_one_bad("F23", "card as the total", row(total=CARD), "bad_total")
_one_bad("F23", "card as the time", row(when=CARD), "bad_timestamp")
_one_bad("F23", "card in groups as an item", row(basket="4111 1111 1111 1111 - 2.45"), "possible_card_number")
_one_bad("F23", "feed A, the card's comma outside of quotes", old_row(card=f"visa,{CARD}"), "wrong_cell_count")

# --- orders and lines of items (F24, F58)
_add("F24", "the same order three times", GOOD * 3, "read", 3, 735)
_add("F24", "the same order in both feeds' form", row(when="20/11/2026 09:01") + old_row(), "read", 2, 490)
_add("F58", "every row is rejected", row(total="no") * 30, "read", 0, 0, tuple((n, "bad_total") for n in range(1, 31)))
_add(
    "F58",
    "items without an order",
    " , , ,Large Latte ,2.45 , , , \n" * 3 + GOOD,
    "read",
    1,
    245,
    tuple((n, "orphan_item_line") for n in range(1, 4)),
)
_add(
    "F58",
    "an exploded order of 300 lines",
    f"20/11/2026 09:00,Leeds,{NAME},Cake,1.00,300.00,CARD,{CARD}\n" + " , , ,Cake ,1.00 , , , \n" * 299,
    "read",
    0,
    0,
    ((1, "bad_item"),),
)

# --- personal values that must not appear in messages (F62)
_one_bad("F62", "customer as the total", row(total=NAME), "bad_total")
_one_bad("F62", "customer as the payment", row(payment=NAME), "bad_payment")
_one_bad("F62", "customer and card as the time", row(when=f"{NAME} {CARD}"), "bad_timestamp")
_add("F62", "customers as the header", f"{NAME},{CARD},{NAME},{NAME}\n" * 2, "unknown_dialect")
