"""Days as documents of dialects write them: months in words, years of two digits, the month first. Pure."""

import re
from collections.abc import Callable

from extract.dialects.document import DAY_FIRST, MONTH_FIRST, TWO_DIGITS, WORDS, YEAR_FIRST, Document

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
WEEKDAYS = "(?:(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\\.?,?\\s+)?"
_NUMBERS_OF_MONTHS = {
    name[:letters]: str(number) for number, name in enumerate(MONTHS, 1) for letters in (3, len(name))
}
_NUMBERS_OF_MONTHS["sept"] = "9"
MONTH = "|".join(sorted(_NUMBERS_OF_MONTHS, key=len, reverse=True))
# All days of sales are in this century (docs/branch-files.md).
_CENTURY = "20"

_BETWEEN = r"[\s/.,-]*"
# Of a time, the clock follows: after a blank, a comma and a blank, or T.
_REST = r"(?:(?P<rest>[\sTt].*)|,(?P<after_comma>\s.*))?"
_WORDED = (
    rf"(?P<day>[0-9]{{1,2}}){_BETWEEN}(?P<month>{MONTH}){_BETWEEN}(?P<year>[0-9]{{4}}|[0-9]{{2}})",
    rf"(?P<month>{MONTH})\.?[\s/.-]*(?P<day>[0-9]{{1,2}})[\s/.,-]+(?P<year>[0-9]{{4}}|[0-9]{{2}})",
    rf"(?P<year>[0-9]{{4}}){_BETWEEN}(?P<month>{MONTH}){_BETWEEN}(?P<day>[0-9]{{1,2}})",
)
_NUMBERED = re.compile(
    r"\s*([0-9]{1,2})(?P<mark>[/.-])([0-9]{1,2})(?P=mark)([0-9]{4}|[0-9]{2})(?P<rest>[\sTt].*)?", re.DOTALL
)
_YEAR_IN_FRONT = re.compile(r"\s*[0-9]{4}\D.*", re.DOTALL)
_PLACES = {DAY_FIRST: (0, 1, 2), MONTH_FIRST: (1, 0, 2), YEAR_FIRST: (2, 1, 0)}


def plain_days(document: Document) -> Callable[[str], str] | None:
    """Return what writes a document's days, with a clock or without, as plain ones; None if they are plain.

    A plain day has numbers, and the day or a year of four digits first. A text that is no day of the document becomes
    "", or stays as it is and is rejected later.
    """
    order, has_words, has_short_years = document.day_order, document.months == WORDS, document.years == TWO_DIGITS
    if order == DAY_FIRST and not (has_words or has_short_years):
        return None
    # Compiled here: no cold start pays for what no document of the product has.
    forms = [re.compile(rf"\s*{WEEKDAYS}{parts}{_REST}", re.IGNORECASE | re.DOTALL) for parts in _WORDED * has_words]

    def plain(text: str) -> str:
        if found := next((found for form in forms if (found := form.fullmatch(text))), None):
            day, year = found["day"], found["year"]
            if len(year) == 2 and order == YEAR_FIRST:
                day, year = year, day
            # A regular expression that ignores case takes some foreign letters for those of a month.
            month = _NUMBERS_OF_MONTHS.get(found["month"].lower(), "")
            return _written(day, month, year, found["rest"] or found["after_comma"])
        if _YEAR_IN_FRONT.fullmatch(text):
            return text
        if not (found := _NUMBERED.fullmatch(text)):
            return text if order == DAY_FIRST else ""
        numbers = (found[1], found[3], found[4])
        if order == YEAR_FIRST and len(found[4]) == 4:
            return ""
        day, month, year = (numbers[place] for place in _PLACES[order])
        return _written(day, month, year, found["rest"])

    def _written(day: str, month: str, year: str, rest: str | None) -> str:
        if len(year) == 2 and has_short_years:
            year = f"{_CENTURY}{year}"
        return f"{day}/{month}/{year}{rest or ''}" if len(year) == 4 else ""

    return plain
