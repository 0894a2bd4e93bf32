"""Extract's copy of the register of cafés: read at the first file, and again only when a file does not fit it."""

from typing import Protocol

from extract.register import Register


class RegisterStore(Protocol):
    """What extract needs of the place where the register is kept."""

    def read_register(self) -> tuple[str, str]:
        """Return the register's text and its ETag; two empty texts if there is none yet."""

    def write_register(self, text: str, etag: str) -> str:
        """Write the register if it still has this ETag, "" for none; return its new ETag, or "" if it has not."""


class Registers:
    """The register as this function knows it. It is kept while the function is warm, so most files cost no request."""

    def __init__(self, store: RegisterStore) -> None:
        self._store = store
        self._etag = ""
        self._known: Register | None = None

    def known(self) -> Register:
        """Return the register, which may be out of date. Raises UnreadableRegister or TransientError, as all do."""
        return self._known if self._known is not None else self.fetch()

    def fetch(self) -> Register:
        """Return the register as it is now."""
        text, self._etag = self._store.read_register()
        self._known = Register.parse(text) if text else Register()
        return self._known

    def replace(self, register: Register) -> bool:
        """Write a register in the place of the one that was fetched; return False if another was written since."""
        if etag := self._store.write_register(register.text(), self._etag):
            self._known, self._etag = register, etag
        return bool(etag)
