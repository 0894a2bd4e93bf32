"""Find the versions of an object without looking at those of all others.

To list the versions of one key, ministack looks at each key of all buckets. With 10,000 files, that took as much time
as all else that was done for a file.
"""

import contextvars
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from sortedcontainers import SortedDict

from patched_ministack import seams

# The bucket and the prefix whose versions are being listed; None while something else reads them.
_listed: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("listed", default=None)


def find_by_prefix() -> None:
    """Keep the versions sorted by bucket and key, and list from the prefix on."""
    seams.OBJECT_VERSIONS.replace(_sorted_versions())
    stock_list = seams.LIST_OBJECT_VERSIONS.value

    def list_object_versions(bucket: str, query: dict[str, Any]) -> Any:
        mark = _listed.set((bucket, seams.QUERY_VALUE(query, "prefix")))
        try:
            return stock_list(bucket, query)
        finally:
            _listed.reset(mark)

    seams.LIST_OBJECT_VERSIONS.replace(list_object_versions)


def _sorted_versions() -> Any:
    scoped_dict: Any = seams.SCOPED_DICT.value

    class SortedVersions(scoped_dict):  # type: ignore[misc]
        """ministack's container of versions, by bucket and key. Its own data are by account, bucket and key."""

        def __init__(self) -> None:
            super().__init__()
            self._data: Any = SortedDict()

        def __iter__(self) -> Iterator[tuple[str, str]]:
            account, (bucket, prefix) = seams.ACCOUNT_ID(), _listed.get() or ("", "")

            def is_wanted(scoped: tuple[str, tuple[str, str]]) -> bool:
                owner, (place, key) = scoped
                return owner == account and (not bucket or (place == bucket and key.startswith(prefix)))

            from_the_first = self._data.irange((account, (bucket, prefix)))
            # A list: the caller may change what it iterates over.
            return iter([key for _, key in takewhile(is_wanted, from_the_first)])

    return SortedVersions()
