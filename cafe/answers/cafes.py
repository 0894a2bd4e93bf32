"""Change the register of cafés as a person asks, or say why not. Pure; makes no AWS calls."""

from collections.abc import Iterable
from difflib import get_close_matches

from cafe.answers.wording import first_names, typed
from cafe.errors import CafeError
from cafe.warehouse.ledger import HELD, LedgerEntry
from extract.cells import branch_fault, collapse
from extract.register import Cafe, Register, SpellingTaken
from extract.rules import FileReason
from shared.senders import HEAD_OFFICE, sender_of, spelling

SIMILAR_SHOWN = 3


def with_cafe(register: Register, name: str, key: str, today: str) -> Register:
    """Add a café, under a key of its own or ("") one made of its name; a café that is there already changes nothing.

    Raises CafeError for a name that extract would refuse, for a key that no file's name can begin with, and if another
    café has the name or the key, in any spelling.
    """
    name, key = _proper_name(name), _proper_key(key)
    known = register.named(name)
    if known is not None and known.name == name and spelling(key or known.key) == spelling(known.key):
        return register
    if known is not None:
        raise _taken(name, known)
    try:
        return register.with_cafe(name, today, key)
    except SpellingTaken as error:
        raise _taken(key or name, error.cafe) from error


def with_new_name(register: Register, old: str, new: str) -> Register:
    """Show a café under a new name. A café that has the name already changes nothing.

    Raises CafeError if there is no such café, for a name that extract would refuse, and if another café has the name.
    """
    cafe, new = cafe_named(register, old), _proper_name(new)
    if (other := register.named(new)) not in (None, cafe):
        raise _taken(new, other)
    return register.renamed(cafe.written_as, new)


def cafe_named(register: Register, name: str) -> Cafe:
    """Return the café of this name, in any spelling. Raises CafeError, with the names that are most like it."""
    if cafe := register.named(name):
        return cafe
    names = {spelling(cafe.name): cafe.name for cafe in register.cafes}
    similar = [names[found] for found in get_close_matches(spelling(name), names, SIMILAR_SHOWN)]
    meant = f" Did you mean {first_names(similar, SIMILAR_SHOWN)}?" if similar else ""
    raise CafeError(
        f"There is no café {name!r} in the register.{meant}" if name.strip() else "The name of the café is empty.",
        "`cafe cafes list` shows all.",
    )


def held_for(cafe: Cafe, held: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Choose the files that wait for an unknown café and may be this café's: those of its key, and of head office."""
    return [
        file
        for file in held
        if file.outcome == HELD
        and file.reason == FileReason.UNKNOWN_CAFE
        and (file.sender == HEAD_OFFICE or spelling(file.sender) == spelling(cafe.key))
    ]


def _proper_name(written: str) -> str:
    name = collapse(written)
    if not name:
        raise CafeError("The name of the café is empty.", "Write it as people should see it: cafe cafes add Leeds")
    if fault := branch_fault(name):
        why = f"Rows with it are rejected ({fault}): {fault.remedy}"
        raise CafeError(f"{written!r} cannot be the name of a café.", why)
    if spelling(name) in ("", spelling(HEAD_OFFICE)):
        raise CafeError(f"{written!r} cannot be the name of a café.", "It is how head office's own files are marked.")
    return name


def _proper_key(key: str) -> str:
    key = collapse(key)
    if key and (sender_of(f"2026/1/1/{key}_01-01-2026_09-00-00.csv") != key or branch_fault(key)):
        raise CafeError(
            f"{key!r} cannot be the key of a café.",
            "The key is what the name of its files begins with: leeds for leeds_26-11-2026_21-00-00.csv.",
        )
    if key and spelling(key) in ("", spelling(HEAD_OFFICE)):
        raise CafeError(f"{key!r} cannot be the key of a café.", "It is how head office's own files are marked.")
    return key


def _taken(text: str, cafe: Cafe) -> CafeError:
    return CafeError(
        f"{text!r} is a spelling of {cafe.name}, which is registered since {cafe.since} with the key {cafe.key}.",
        "A name and a key belong to one café. To show that café under another name, type: "
        f"cafe cafes rename {typed(cafe.name)} NEW",
    )
