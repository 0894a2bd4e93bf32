"""Branch files full of personal data, in the right cells and in every wrong cell.

They leave out what no program can distinguish from data that is kept by design: a name alone in the branch cell, as an
item's name, or in the name of a file.
"""

import gzip
from collections.abc import Iterator
from itertools import count

from shared.personal_text import passes_luhn

# None of these names is used anywhere else.
FIRST_NAMES = ("Xanthippe", "Zebulonia", "Thorwaldine", "Iñigovaldo")
SURNAMES = ("Quillfeather", "Grünwaldovsky", "O'Mackelworth", "Featherstonehaughby")
# A card's type as feed A writes it, and the parts of e-mail addresses.
CARD_TYPES, MAILBOXES, DOMAINS = ("Quillocard16",), ("mackelbox77",), ("zebuloncanary",)
NAMES = (*FIRST_NAMES, *SURNAMES, *CARD_TYPES, *MAILBOXES, *DOMAINS)
# As they are written, and their digits. Ofcom keeps numbers like these for films (07700 900000 to 900999).
PHONES = {"07700 900461": "07700900461", "+44 7700 900462": "447700900462", "(07700) 900-463": "07700900463"}
FOLDER = "planted"
# Keys with personal data, and how they are recorded.
KEYS = {
    "leeds_4917610000000000_25-08-2021_09-00-00.csv": "leeds_################_25-08-2021_09-00-00.csv",
    "4917 6100 0000 0018.csv": "#### #### #### ####.csv",
    "leeds 07700 900461.csv.gz": "leeds ##### ######.csv.gz",
    "mackelbox77@zebuloncanary.example.csv": "###########@#############.#######.csv",
}
_BASKET = "Large Latte - 2.45"
_WRITTEN = "25/08/2021 09:00"
_UNREADABLE = {"no-branch-file", "header-like"}
# Every row of these is an order.
WITHOUT_REJECTS = {"right-cells", "d10-rows"}
_D10_HEADER = "Customer Name,Drink, Qty, Price,Branch,Payment Type,Card Number,Date/Time"


def numbers() -> set[str]:
    """Return the digits of all planted numbers."""
    return {*card_numbers(), *PHONES.values(), "4917610000000000", "4917610000000018"}


def card_numbers() -> tuple[str, ...]:
    """Make numbers of 13 to 17 digits: for each length, one that passes the Luhn check and one that does not."""
    return tuple(
        next(
            number
            for ending in count(10_007 * length)
            if passes_luhn(number := f"{'7391824650273918'[: length - 6]}{ending:06d}") is is_valid
        )
        for length in range(13, 18)
        for is_valid in (True, False)
    )


def planted_cases() -> set[str]:
    """Return the cases that are branch files, in which only single rows are wrong."""
    return _CASES.keys() - _UNREADABLE


def planted_files() -> dict[str, bytes]:
    """Print the files, by key. Every file contains each card number and each name."""
    rows = {case: [row for person in _people() for row in _rows(case, *person)] for case in _CASES}
    for case in planted_cases():
        # With one good order it is a branch file, so its bad rows are rejected one by one. Each has a cafe of its own:
        # files of one cafe and day that disagree are a fault of the warehouse.
        rows[case].insert(0, f"{_WRITTEN},Planted {case},Nobody,{_BASKET},2.45,CASH,")
    files = {f"{FOLDER}/{case}.csv": "\n".join(lines).encode() + b"\n" for case, lines in rows.items()}
    genuine = files[f"{FOLDER}/right-cells.csv"]
    return files | {
        f"{FOLDER}/compressed.csv.gz": gzip.compress(genuine),
        f"{FOLDER}/cut.csv.gz": gzip.compress(genuine)[:-20],
        f"{FOLDER}/damaged.csv.gz": gzip.compress(genuine)[:-8] + b"\0" * 8,
        f"{FOLDER}/no-gzip.csv.gz": b"\x1f\x8b\x08\0" + genuine,
        f"{FOLDER}/utf-16.csv": genuine.decode().encode("utf-16"),
        f"{FOLDER}/utf-16-without-mark.csv": genuine.decode().encode("utf-16-le"),
        f"{FOLDER}/cp1252.csv": genuine.decode().encode("cp1252"),
        f"{FOLDER}/sheet.xlsx": b"PK\x03\x04" + genuine,
        f"{FOLDER}/d10.csv": "\n".join([_D10_HEADER, *rows["d10-rows"]]).encode(),
        f"{FOLDER}/one-line.csv": genuine.replace(b"\n", b" "),
        f"{FOLDER}/one-cell.csv": b'"' + genuine.replace(b'"', b'""') + b'"',
        f"{FOLDER}/nul.csv": genuine.replace(b" ", b"\0"),
        f"{FOLDER}/shuffled.csv": b"\n".join(reversed(genuine.splitlines())),
        **{f"{FOLDER}/{key}": genuine for key in KEYS},
    }


def _people() -> Iterator[tuple[str, str, str]]:
    for place, number in enumerate(card_numbers()):
        yield FIRST_NAMES[place % len(FIRST_NAMES)], SURNAMES[place % len(SURNAMES)], number


_WIDE, _ARABIC = ({ord("0") + n: chr(zero + n) for n in range(10)} for zero in (0xFF10, 0x0660))
# Cells: time, branch, customer, items, total, payment, card. {a} and {b} are a person's names, {n} the card's number.
_CASES = {
    "right-cells": (
        f"{_WRITTEN},Planted B,{{a}} {{b}},{_BASKET},2.45,CARD,{{n}}",
        '2021-08-25 09:00:00,Planted A,{a} {b},"Large,Latte,2.45",CARD,2.45,"visa16,{n}"',
        f"{_WRITTEN},Planted B,{{b}} {{n}},{_BASKET},2.45,CASH,{{a}}",
    ),
    "total-mismatch": (f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},2.54,CARD,{{n}}",),
    "shifted-by-a-comma": (
        f"{_WRITTEN},Planted,{{b}}, {{a}},{_BASKET},2.45,CARD,{{n}}",
        f'{_WRITTEN},Planted,"{{a}} {{b}}",{_BASKET}, Large Mocha - 2.70,5.15,CARD,{{n}}',
        f"{_WRITTEN},Planted, Ltd,{{b}}, {{a}},{_BASKET},2.45,CARD,{{n}}",
        f"{_WRITTEN},{{a}} {{b}},{{n}},Planted,{_BASKET},2.45,CARD",
        f"{{n}},{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},2.45,CARD",
    ),
    "number-in-a-kept-cell": (
        f"{_WRITTEN},Planted {{n}},{{a}} {{b}},{_BASKET},2.45,CARD,",
        f"{_WRITTEN},{{n}},{{a}} {{b}},{_BASKET},2.45,CARD,",
        f"{_WRITTEN},Planted,{{a}} {{b}},Large Latte {{n}} - 2.45,2.45,CARD,",
        f"{_WRITTEN},Planted,{{a}} {{b}},Large Latte - {{n}},2.45,CARD,",
        f'{_WRITTEN},Planted,{{a}} {{b}},"{_BASKET}, {{n}}",2.45,CARD,',
        f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},{{n}},CARD,",
        f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},{{n}}.00,CARD,",
        f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},2.45,{{n}},",
        f"{{n}},Planted,{{a}} {{b}},{_BASKET},2.45,CARD,",
    ),
    "grouped-number-in-a-kept-cell": tuple(
        form
        for number in (
            "{n[0]}{n[1]}{n[2]}{n[3]}%s{n[4]}{n[5]}{n[6]}{n[7]}%s{n[8]}{n[9]}{n[10]}{n[11]}%s{n_rest}" % ((gap,) * 3)
            for gap in (" ", "-", "  ", "\u00a0", " - ")
        )
        for form in (
            f"{_WRITTEN},Planted {number},{{a}} {{b}},{_BASKET},2.45,CARD,",
            f"{_WRITTEN},Planted,{{a}} {{b}},Large Latte {number} - 2.45,2.45,CARD,",
        )
    ),
    "number-in-other-digits": tuple(
        form.replace("NUMBER", number)
        for number in ("{n_wide}", "{n_arabic}")
        for form in (
            f"{_WRITTEN},Planted NUMBER,{{a}} {{b}},{_BASKET},2.45,CARD,",
            f"{_WRITTEN},Planted,{{a}} {{b}},Large Latte NUMBER - 2.45,2.45,CARD,",
        )
    ),
    "split-number": (
        f'{_WRITTEN},Planted,{{a}} {{b}},"Latte {{n_first}} - 1.00, Mocha {{n_rest8}}0 - 1.00",2.00,CARD,',
        '2021-08-25 09:00:00,Planted,{a} {b},"{n_first},{n_rest8} Latte,2.45",CARD,2.45,"Quillocard16,{n}"',
    ),
    "contacts": tuple(
        form.replace("CONTACT", contact)
        for contact in (
            *PHONES,
            "mackelbox77@zebuloncanary.example",
            "mackelbox77＠zebuloncanary．example",
            "mackelbox77 (at) zebuloncanary dot example",
            "mackelbox77 at zebuloncanary.example",
        )
        for form in (
            f"{_WRITTEN},Planted CONTACT,{{a}} {{b}},{_BASKET},2.45,CARD,{{n}}",
            f"{_WRITTEN},Planted,{{a}} {{b}},Latte for CONTACT - 2.45,2.45,CARD,{{n}}",
            f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},CONTACT,CARD,{{n}}",
            f"{_WRITTEN},Planted,{{a}} {{b}},{_BASKET},2.45,CONTACT,{{n}}",
            f"CONTACT,Planted,{{a}} {{b}},{_BASKET},2.45,CARD,{{n}}",
        )
    ),
    "card-type-in-a-kept-cell": (
        '2021-08-25 09:00:00,Planted,{a} {b},"Large,Latte,2.45",Quillocard16,2.45,{n}',
        '2021-08-25 09:00:00,Planted,{a} {b},"Large,Latte,2.45",CARD,Quillocard16,{n}',
        '2021-08-25 09:00:00,Planted,{a} {b},"Large,Latte,2.45,Quillocard16",CARD,2.45,{n}',
    ),
    "huge-cells": (
        f"{_WRITTEN},Planted,{'{a} {b} ' * 1_200},{_BASKET},2.45,CARD,{'{n} ' * 600}",
        f"{_WRITTEN},{'{a} {b} ' * 1_200},x,{_BASKET},2.45,CARD,",
        f"{_WRITTEN},Planted,x,{'{a} {b} ' * 1_200}- 2.45,2.45,CARD,",
        f"{_WRITTEN},Planted,{'{a} {b} ' * 4_500},{_BASKET},2.45,CARD,{{n}}",
    ),
    "name-in-a-kept-cell": (
        f'{_WRITTEN},Planted,{{n}},"{{a}} {{b}}, {_BASKET}",2.45,CARD,',
        f"{_WRITTEN},Planted,{{n}},{_BASKET},{{a}} {{b}},CARD,",
        f"{_WRITTEN},Planted,{{n}},{_BASKET},2.45,{{a}} {{b}},",
        f"{{a}} {{b}},Planted,{{n}},{_BASKET},2.45,CARD,",
    ),
    "broken-quotes": (
        f'{_WRITTEN},Planted,"{{a}} {{b}},{_BASKET},2.45,CARD,{{n}}',
        f'{_WRITTEN},Planted,{{a}} {{b}},"{_BASKET},2.45,CARD,{{n}}',
        f'{_WRITTEN},"Planted,{{a}} {{b}},{_BASKET},2.45,CARD,{{n}}',
        f'{_WRITTEN},Planted,{{a}} "{{b}},{_BASKET},2.45,CARD,"{{n}}',
    ),
    "exploded": (
        f"{_WRITTEN},Planted E,{{a}} {{b}},Large Latte,2.45,5.15,CARD,{{n}}",
        ",,,Large Mocha,2.70,,,",
        ",,{a} {b},Large Mocha,2.70,,,{n}",
        ",,,Large Mocha {n},2.70,,,",
        ",,,{n},{a},,,",
    ),
    "no-branch-file": ("{a},{b},{n}", "{a} {b};{n};2.45", "{n}", "Customer Name,Card Number,{a} {b},{n}"),
    "header-like": ("Timestamp,Location,Customer Name,{a} {b},Total,Payment Method,{n}", "Name,Card,{b}"),
    "d10-rows": ('{a} {b},"Latte, 2, £3.50",Planted,Card,{n},25/08/2021 10:23',),
}


def _rows(case: str, first: str, surname: str, number: str) -> Iterator[str]:
    for form in _CASES[case]:
        yield form.format(
            a=first,
            b=surname,
            n=number,
            n_first=number[:8],
            n_rest=number[12:],
            n_rest8=number[8:].zfill(8),
            n_wide=number.translate(_WIDE),
            n_arabic=number.translate(_ARABIC),
        )
