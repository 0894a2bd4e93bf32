"""Write a guess as the document of a dialect, with its reasons and its open questions as comments."""

from collections.abc import Sequence

from cafe.answers.drafting.guess import Guess
from cafe.answers.drafting.made_up import Example
from cafe.counting import counted
from extract.cells import PAYMENTS
from extract.dialects.document import (
    CONSTANT,
    DELIMITERS,
    DROPPED,
    LINES,
    SUMMED,
    TWO_DIGITS,
    UTF_8,
    WORDS,
)
from shared.visible_text import INVISIBLE, escape

NAME = "new"
SOURCE = f"{NAME}.toml"
HEAD = f"""\
# A draft by `cafe dialect propose`. Read each comment, and answer each QUESTION. Then see what becomes of the file:
#   cafe dialect try FILE --dialect {SOURCE} --rows
# docs/dialects.md says what a document may hold."""


def draft_of(guess: Guess, example: Example, shown_by: Sequence[str], questions: Sequence[str]) -> str:
    """Write the document. ``shown_by`` are the columns whose cells show the dialect, if no header does."""
    sections = [
        _head(guess, questions),
        _file(guess),
        _recognise(guess, shown_by),
        _time(guess),
        _basket(guess),
        _sources(guess),
        *_columns(guess, has_names=not shown_by),
        _example(example),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def toml_text(text: str) -> str:
    """Write a text as TOML's basic string, with escapes for all that cannot be seen."""
    special = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
    return f'"{"".join(special.get(character) or _visible(character) for character in text)}"'


def toml_list(key: str, texts: Sequence[str]) -> str:
    """Write a key with a list, a text on each line."""
    return f"{key} = [\n{''.join(f'    {toml_text(text)},\n' for text in texts)}]"


def _visible(character: str) -> str:
    if character.isprintable() and not INVISIBLE.search(character):
        return character
    # A byte that is not UTF-8 is in the text as a surrogate, which TOML cannot have.
    code = ord(character) if not 0xD800 <= ord(character) <= 0xDFFF else 0xFFFD
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(toml_text, texts))}]"


def _head(guess: Guess, questions: Sequence[str]) -> str:
    separator = DELIMITERS[guess.sample.delimiter]
    summary = f"An export of {len(guess.sample.columns)} columns, with {separator}s between them."
    looked = f"# {counted(len(guess.sample.rows), 'line')} of the file were looked at."
    asked = [f"# QUESTION: {escape(question)}" for question in questions]
    return "\n".join([HEAD, looked, *asked, "", f"name = {toml_text(NAME)}", f"summary = {toml_text(summary)}"])


def _file(guess: Guess) -> str:
    lines = []
    if guess.sample.delimiter != ",":
        lines.append(f"delimiter = {toml_text(guess.sample.delimiter)}")
    if guess.encoding != UTF_8:
        lines.append(f"encoding = {toml_text(guess.encoding)}  # some bytes are not UTF-8")
    if guess.decimal != ".":
        lines.append(f"decimal = {toml_text(guess.decimal)}")
    if guess.thousands:
        lines.append(f"thousands = {toml_text(guess.thousands)}")
    if guess.currency != "£":
        lines.append(f"currency = {toml_text(guess.currency)}")
    if guess.blanks:
        lines.append(f"blanks = {_list(guess.blanks)}  # words for nothing")
    return "\n".join(["[file]", *lines]) if lines else ""


def _recognise(guess: Guess, shown_by: Sequence[str]) -> str:
    if not shown_by:
        return '[recognise]\nby = "header"'
    return f'[recognise]\nby = "cells"  # {_why_cells(guess)}\ncells = {_list(shown_by)}'


def _why_cells(guess: Guess) -> str:
    return "two columns of the header have one name" if guess.sample.header else "the file has no header"


def _time(guess: Guess) -> str:
    lines = []
    if guess.order_reason:
        lines.append(f"order = {toml_text(guess.day_order)}  # {guess.order_reason}")
    if guess.has_month_words:
        lines.append(f"months = {toml_text(WORDS)}")
    if guess.has_short_years:
        lines.append(f"years = {toml_text(TWO_DIGITS)}")
    if guess.clock:
        lines.append(f"clock = {toml_text(guess.clock)}  # no column has one")
    return "\n".join(["[time]", *lines]) if lines else ""


def _basket(guess: Guess) -> str:
    if guess.grammar == LINES:
        return f"[basket]\ngrammar = {toml_text(LINES)}\ngroup = {toml_text(guess.group)}  # {guess.group_reason}"
    return f"[basket]\ngrammar = {toml_text(guess.grammar)}"


def _sources(guess: Guess) -> str:
    sections = []
    if guess.branch_from != "column":
        sections.append(f"[branch]\nfrom = {toml_text(guess.branch_from)}")
    if guess.total_from == SUMMED:
        sections.append(f'[total]\nfrom = "summed"  # {guess.total_reason}')
    if guess.payment_from == CONSTANT:
        sections.append(f'[payment]\nfrom = "constant"\nis = {toml_text(guess.payment_is)}')
    elif guess.has_unknown_payments:
        lists = "\n".join(f"{payment} = []" for payment in PAYMENTS)
        sections.append(f"[payment]  # the words of this till, in quotes\n{lists}")
    return "\n\n".join(sections)


def _columns(guess: Guess, *, has_names: bool) -> list[str]:
    sections = []
    last = len(guess.sample.columns) - 1
    nameless = False
    for facts in guess.sample.columns:
        kind = guess.kinds[facts.place]
        heading = guess.sample.header[facts.place].strip() if guess.sample.header else ""
        lines = [f"[[columns]]  # {facts.place + 1}: {guess.reasons[facts.place]}", f"is = {toml_text(kind)}"]
        if has_names:
            if not heading and nameless:
                # One entry is for all columns without a name.
                continue
            nameless = nameless or not heading
            lines.append(f"names = {_list([heading])}")
        if facts.place == last and kind in DROPPED and guess.sample.short and not has_names:
            lines.append("optional = true  # some lines lack it")
        sections.append("\n".join(lines))
    return sections


def _example(example: Example) -> str:
    key = f"key = {toml_text(example.key)}\n" if example.key else ""
    is_plain = all(line.isprintable() for line in example.text.split("\n")) and not INVISIBLE.search(example.text)
    is_plain = is_plain and "'''" not in example.text
    text = f"'''\n{example.text}'''" if is_plain else toml_text(example.text)
    rows = toml_list("rows", example.rows)
    return f"[[examples]]  # made up, in the shape of the file\n{key}text = {text}\n{rows}"
