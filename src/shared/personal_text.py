"""Recognise text that may identify a person: card numbers, telephone numbers, e-mail addresses. Pure.

Used for the cells that are kept, and for keys, which branches choose. Digits and signs of all scripts count.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

# Digits that may be a card number, a part of one, or a telephone number: 8 digits in a row or with signs between them,
# 9 with slashes too (a date has 8), or 12 with anything between them. A pattern is fast if it has few first characters.
_CARD_OR_PHONE = re.compile(r"(?:[0-9][^\w/]*+_*+){8}|(?:[0-9][\W_]*+){9}|(?:[0-9][^0-9]*+){12}")
# A telephone number with a few letters in it: 9 digits after a "+", 10 that begin with 0.
_PHONE = re.compile(r"[+0](?<![0-9]0)[0-9]{2}(?:[^0-9]{0,3}[0-9]){7}")
# What every address has, in any spelling. Most names are no more than searched for it.
_AT = re.compile(r"@|[\s(\[{<][aA][tT][\s)\]}>]")
# `ada@tester.example`, with blanks around the "@" too, and as people write it to hide it from programs: `ada (at) …`,
# `ada at tester dot example`. Not compiled here, which takes a millisecond: few texts have an `_AT`.
_DOT = r"(?:[.\u3002]|\s*[(\[{<]\s*(?:dot|\.)\s*[)\]}>]\s*|\s+dot\s+)"
_E_MAIL = (
    r"[^\s@]@[^\s@]+[.\u3002][^\s@]"
    r"|\w\s?@\s?[\w-]+[.\u3002][^\W\d_]{2}"
    rf"|\w\s*[(\[{{<]\s*(?:at|@)\s*[)\]}}>]\s*[\w-]+{_DOT}[^\W\d_]{{2}}"
    rf"|\w\s+at\s+[\w-]{{3,}}{_DOT}[^\W\d_]{{2}}"
)
CARD_DIGITS = range(13, 20)
# Every second digit counts twice: of 8 doubled, the digits 1 and 6 count.
_DOUBLED = str.maketrans("0123456789", "0246813579")

# --- keys, in which days and times are usual

_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3])(?P<colon>[-_.: ]?)[0-5][0-9](?:(?P=colon)[0-5][0-9](?:[.,]?[0-9]{3}|[.,]?[0-9]{6})?)?"
# A day with a time or without: 25-08-2021_09-00-00, 2021-08-25T09:00:00.000Z, 20210825090000. The same digits cannot be
# a card number: none begins with 19 or 20, and none has its digits in groups of 2, 2 and 4.
_MOMENT = re.compile(
    rf"(?<![0-9])(?:{_YEAR}(?P<a>[-_. ]?){_MONTH}(?P=a){_DAY}|{_DAY}(?P<b>[-_. ]?){_MONTH}(?P=b){_YEAR}"
    rf"|{_MONTH}(?P<c>[-_. ]?){_DAY}(?P=c){_YEAR})"
    rf"(?:(?:T|[-_. ]{{0,3}}){_CLOCK})?(?![0-9])"
    rf"|(?<![0-9]){_YEAR}/[0-9]{{1,2}}/[0-9]{{1,2}}/"
)
# A UUID, or a hash: their digits stand among letters from a to f.
_ID = re.compile(
    r"(?<![^\W_])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{20,})(?![^\W_])", re.IGNORECASE
)
_DIGITS = re.compile(r"[0-9]+")
_CARD_GROUPS = ((4, 4, 4, 4), (8, 8), (4, 6, 5), (4, 4, 4, 4, 3))
_MOST_SIGNS_BETWEEN = 3
_PLUS_PHONE = re.compile(r"\+[1-9](?:[\W_]{0,2}[0-9]){7,14}|(?<![0-9])00[1-9][0-9]{8,12}(?![0-9])")
_PHONE_DIGITS = 11
_SUFFIX = re.compile(r"(?:\.(?:csv|tsv|txt|xlsx?|json|xml|pdf|zip))?(?:\.gz)?$", re.IGNORECASE)
_KEY_E_MAIL = (
    r"(?<![\w.+%-])(?:[\w.+%-]+\s?@\s?[\w-]+(?:[.\u3002][\w-]+)*?[.\u3002][^\W\d_]{2,}"
    rf"|[\w.+%-]+\s*[(\[{{]\s*(?:at|@)\s*[)\]}}]\s*[\w.-]+?{_DOT}[^\W\d_]{{2,}}"
    rf"|[\w.+%-]+\s+at\s+[\w-]{{3,}}(?:[.\u3002][\w-]+)*?{_DOT}[^\W\d_]{{2,}})"
)
MASK = "#"


def has_card_or_phone(text: str) -> bool:
    """Whether a name holds a card number, a large part of one, or a telephone number."""
    plain = _plain(text)
    return bool(_CARD_OR_PHONE.search(plain) or _PHONE.search(plain))


def has_e_mail(text: str) -> bool:
    """Whether a name holds an e-mail address."""
    plain = _plain(text)
    return bool(_AT.search(plain) and re.search(_E_MAIL, plain, re.IGNORECASE))


def digits_of(text: str) -> str:
    """Return the digits of a text, of all scripts, as 0 to 9."""
    return "".join(_DIGITS.findall(_plain(text)))


def passes_luhn(digits: str) -> bool:
    """Whether a card could have been issued with this number: its Luhn sum is a multiple of ten (ISO/IEC 7812-1)."""
    return sum(map(int, digits[-1::-2] + digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def mask_key(key: str) -> str:
    """Write ``#`` for each letter and digit of a card number, telephone number or e-mail address in a key.

    Days and times are kept. A key without such a text is returned as it is, and masking twice changes nothing more.
    """
    # A character may become several: ⑩ is 10. So remember where each came from.
    pieces = [_plain(sign) for sign in key]
    places = [place for place, piece in enumerate(pieces) for _ in piece]
    plain = "".join(pieces)
    hidden = {places[at] for start, end in _personal_spans(plain) for at in range(start, end)}
    return "".join(MASK if place in hidden and sign.isalnum() else sign for place, sign in enumerate(key))


def _plain(text: str) -> str:
    """Write digits of all scripts as 0 to 9, and full-width and other forms of a sign as the usual sign."""
    if text.isascii():
        return text
    return "".join(map(_plain_sign, unicodedata.normalize("NFKC", text)))


def _plain_sign(sign: str) -> str:
    # Numerals of other scripts, such as 四 and ፬, have a value but are no decimal digits.
    value = unicodedata.numeric(sign, -1)
    return str(int(value)) if value in range(10) else sign


def _personal_spans(plain: str) -> Iterator[tuple[int, int]]:
    stem = plain[: _SUFFIX.search(plain).start()]  # type: ignore[union-attr]  # it matches the end of any text
    if _AT.search(stem):
        yield from (found.span() for found in re.finditer(_KEY_E_MAIL, stem, re.IGNORECASE))
    timeless = _MOMENT.sub(_blotted, _ID.sub(_blotted, plain))
    yield from (found.span() for found in _PLUS_PHONE.finditer(timeless))
    groups = [found.span() for found in _DIGITS.finditer(timeless)]
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            if last > first and not _are_joined(timeless, groups[last - 1][1], groups[last][0]):
                break
            window = groups[first : last + 1]
            start, end = window[0][0], window[-1][1]
            if sum(to - at for at, to in window) > CARD_DIGITS[-1]:
                break
            if _is_personal_number([timeless[at:to] for at, to in window]) and (
                first == last or _stands_alone(timeless, start, end)
            ):
                yield start, end


def _blotted(found: re.Match[str]) -> str:
    # Longer than what may stand between two groups of digits, so it parts them.
    return "\n" * len(found[0])


def _are_joined(text: str, end: int, start: int) -> bool:
    between = text[end:start]
    return len(between) <= _MOST_SIGNS_BETWEEN and not any(map(str.isalnum, between))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter touches the groups of digits: those of a UUID belong to its letters."""
    return not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


def _is_personal_number(groups: Sequence[str]) -> bool:
    """Whether groups of digits are a card's number, or a telephone number as it is written in its own country."""
    digits = "".join(groups)
    if len(digits) == _PHONE_DIGITS and digits[0] == "0" and digits[1] != "0":
        return len(groups) == 1 or min(map(len, groups)) > 2
    # Numbers that begin with 0 or 1 are counters and seconds since 1970; no usual card begins so.
    if len(digits) not in CARD_DIGITS or digits[0] in "01":
        return False
    sizes = tuple(map(len, groups))
    return passes_luhn(digits) or sizes in ((15,), (16,)) or sizes in _CARD_GROUPS
