"""The register of cafés: their names, how keys spell them, and since when each is known. Pure; makes no AWS calls.

The register is one JSON object in the staging bucket (REGISTER_KEY), kept by `cafe cafes`. In a new installation it is
open: extract adds each café that it meets. Once it is closed, the file of an unknown café is held for a person.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, Self

from extract.rules import FileReason, UnreadableBranchFile
from shared.errors import TerminalError
from shared.senders import HEAD_OFFICE, SMOKE_CAFE, spelling

REGISTER_KEY = "register/cafes.json"
VERSION = 1
# More names in one file are no cafés, but cells of another kind.
MAX_NEW_CAFES = 1_000
# No café of the register may be spelled like these.
NO_CAFES = ("", spelling(HEAD_OFFICE))
# Nor is a café of this spelling ever added, so that no board expects it. An older register may have one.
NO_NEW_CAFES = (*NO_CAFES, spelling(SMOKE_CAFE))


class UnreadableRegister(TerminalError):
    """The register is not what `cafe cafes` writes, or was written by a newer version of the pipeline."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"unreadable register of cafés, {REGISTER_KEY}: {problem}. Put a readable one in its place.")


class NotACafe(ValueError):
    """A name or a key that no café can have."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} cannot be a café")


class SpellingTaken(ValueError):
    """Another café of the register has this name or this key, in some spelling."""

    def __init__(self, text: str, cafe: "Cafe") -> None:
        super().__init__(f"{text!r} is a spelling of {cafe.name}, whose key is {cafe.key}")
        self.cafe = cafe


class Cafe(NamedTuple):
    """One café. ``name`` is shown; ``written_as`` stands in rows and ids and never changes; keys have ``key``.

    ``since`` is the day on which it was registered, as YYYY-MM-DD.
    """

    name: str
    written_as: str
    key: str
    since: str

    def spellings(self) -> set[str]:
        """Return the spellings by which rows may name it."""
        return {spelling(text) for text in (self.name, self.written_as, self.key)}


class Register:
    """All cafés, in the order in which they were registered. No two share a spelling. It is never changed."""

    def __init__(self, cafes: tuple[Cafe, ...] = (), *, is_closed: bool = False) -> None:
        """Refuse cafés that share a spelling. Raises SpellingTaken, or NotACafe."""
        self.cafes, self.is_closed = cafes, is_closed
        # The first café that has a spelling, so that a second one is found out.
        self._by_spelling = {spelled: cafe for cafe in reversed(cafes) for spelled in cafe.spellings()}
        for cafe in self.cafes:
            for text in (cafe.name, cafe.written_as, cafe.key):
                if spelling(text) in NO_CAFES:
                    raise NotACafe(text)
                if (other := self._by_spelling[spelling(text)]) is not cafe:
                    raise SpellingTaken(text, other)

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same cafés, and both are open or closed."""
        if not isinstance(other, Register):
            return NotImplemented
        return (self.cafes, self.is_closed) == (other.cafes, other.is_closed)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the object's text. Raises UnreadableRegister.

        What a register could hold when it was written is read, also if no such café may be added any more: with no
        register, extract reads no file at all.
        """
        try:
            body = json.loads(text)
            if body["version"] != VERSION:
                raise UnreadableRegister(f"version {body['version']!r:.20} is not {VERSION}")
            cafes = tuple(Cafe(*(str(entry[name]) for name in Cafe._fields)) for entry in body["cafes"])
            return cls(cafes, is_closed=bool(body["is_closed"]))
        except (SpellingTaken, NotACafe) as error:
            raise UnreadableRegister(str(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableRegister("it has another shape") from error

    def text(self) -> str:
        """Write the object's text."""
        body = {"version": VERSION, "is_closed": self.is_closed, "cafes": [cafe._asdict() for cafe in self.cafes]}
        return json.dumps(body, ensure_ascii=False, indent=1) + "\n"

    def named(self, name: str) -> Cafe | None:
        """Return the café that a row or a person names, in any spelling."""
        return self._by_spelling.get(spelling(name))

    def with_key(self, key: str) -> Cafe | None:
        """Return the café for which a key of this spelling speaks. Its name alone does not make a key its own."""
        cafe = self.named(key)
        return cafe if cafe and spelling(cafe.key) == spelling(key) else None

    def with_cafe(self, name: str, since: str, key: str = "") -> Self:
        """Add a café. Without ``key``, its key is spelled as tills do. Raises SpellingTaken or NotACafe."""
        return self.with_cafes(Cafe(name, name, key or key_of_name(name), since))

    def with_cafes(self, *cafes: Cafe) -> Self:
        """Add cafés. Raises SpellingTaken or NotACafe."""
        for cafe in cafes:
            _refuse_reserved(cafe.name, cafe.written_as, cafe.key)
        return type(self)((*self.cafes, *cafes), is_closed=self.is_closed)

    def renamed(self, name: str, new_name: str) -> Self:
        """Show a café under a new name. Rows may use either. Raises KeyError, SpellingTaken or NotACafe."""
        cafe = self.named(name)
        if cafe is None:
            raise KeyError(name)
        _refuse_reserved(new_name, cafe.written_as)
        cafes = (cafe._replace(name=new_name) if other is cafe else other for other in self.cafes)
        return type(self)(tuple(cafes), is_closed=self.is_closed)

    def with_state(self, *, is_closed: bool) -> Self:
        """Return it closed or open."""
        return type(self)(self.cafes, is_closed=is_closed)

    @property
    def revision(self) -> str:
        """Name what rows depend on: 8 hex digits that change when a café is added or may be written in another way."""
        if not self.cafes:
            return ""
        written = sorted((spelled, cafe.written_as) for cafe in self.cafes for spelled in cafe.spellings())
        return sha256(json.dumps(written).encode()).hexdigest()[:8]


def key_of_name(name: str) -> str:
    """Spell a café's name as tills do in keys: lower case, ``_`` for blanks, ``-`` for slashes."""
    return "_".join(name.lower().split()).replace("/", "-")


class Admission:
    """Decides for one file of one sender which cafés its rows may name, and how they are written.

    ``learned`` has the cafés that the register lacks and that a row names which is accepted, by spelling.
    """

    def __init__(self, register: Register, sender: str, *, is_smoke_test: bool = False) -> None:
        self.learned: dict[str, str] = {}
        self.has_foreign = False
        self._register = register
        self._sender = sender
        self._is_smoke_test = is_smoke_test
        self._own = register.with_key(sender)
        # Names by spelling, of cafés that the register lacks, of which no accepted row has been seen yet.
        self._candidates: dict[str, str] = {}

    def admit(self, name: str) -> str:
        """Return the name to write for a collapsed one; "" if the file may not speak for that café."""
        is_smoke_cafe = spelling(name) == spelling(SMOKE_CAFE)
        if is_smoke_cafe or self._is_smoke_test:
            # Whatever the register has: it neither learns this café nor holds its file.
            return SMOKE_CAFE if is_smoke_cafe and self._is_smoke_test else ""
        cafe = self._register.named(name)
        if self._sender != HEAD_OFFICE:
            if self._own is not None or cafe is not None:
                if cafe is not None and cafe is self._own:
                    return cafe.written_as
                self.has_foreign = True
                return ""
            if spelling(name) != spelling(self._sender):
                self.has_foreign = True
                return ""
        if cafe is not None:
            return cafe.written_as
        spelled = spelling(name)
        if spelled == spelling(HEAD_OFFICE):
            return ""
        # The first spelling in the file becomes the café's name.
        new = self.learned.get(spelled) or self._candidates.setdefault(spelled, name)
        if len(self.learned) + len(self._candidates) > MAX_NEW_CAFES:
            raise UnreadableBranchFile(FileReason.TOO_MANY_CAFES, f"limit {MAX_NEW_CAFES} new cafés")
        return new

    @property
    def has_doubts(self) -> bool:
        """Whether the register lacks a café, or a row was refused that another register may admit."""
        return bool(self.learned) or self.has_foreign

    def confirm(self, rows: Iterable[str]) -> None:
        """Note the cafés of accepted rows: ``line number, branch, …``, joined by tabs."""
        waiting = {name: spelled for spelled, name in self._candidates.items()}
        if not waiting:
            return
        for row in rows:
            spelled = waiting.pop(row.split("\t", 2)[1], None)
            if spelled is not None:
                self.learned[spelled] = self._candidates.pop(spelled)
                if not waiting:
                    return

    def with_learned(self, register: Register, since: str) -> Register:
        """Add the learned cafés to a register. Raises SpellingTaken or NotACafe."""
        # The name that a café's own key let in has the same spelling as the key.
        key = "" if self._sender == HEAD_OFFICE else self._sender
        learned = (Cafe(name, name, key or key_of_name(name), since) for name in self.learned.values())
        return register.with_cafes(*learned)

    def holds_under(self, register: Register) -> bool:
        """Return whether the file would be read in the same way under another register, which is newer."""
        if self.has_foreign and register.cafes != self._register.cafes:
            return False
        return not any(map(register.named, self.learned.values()))


def _refuse_reserved(*texts: str) -> None:
    for text in texts:
        if spelling(text) in NO_NEW_CAFES:
            raise NotACafe(text)
