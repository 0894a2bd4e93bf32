"""What a workspace holds, in numbers, so that nobody deletes it without knowing how much it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cafe.answers.wording import counted, disk_space
from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import LOCAL, open_environment
from cafe.errors import CafeError
from cafe.local.layout import Layout, using
from cafe.local.workspaces import size_on_disk
from cafe.warehouse.sql import statement


@dataclass(frozen=True)
class Contents:
    """How much a workspace holds. The counts are None if its stack does not answer, because then nobody can count."""

    workspace: str
    size_bytes: int
    files: int | None = None
    orders: int | None = None
    items: int | None = None
    raw_files: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be lost: there is no file on disk, or the counts are all zero."""
        return self.size_bytes == 0 or (self.files, self.orders, self.items, self.raw_files) == (0, 0, 0, 0)

    def described(self) -> str:
        """Say how much it is, in a sentence."""
        size = f"{disk_space(self.size_bytes)} on disk"
        if self.files is None or self.orders is None or self.items is None or self.raw_files is None:
            return (
                f"The workspace {self.workspace} has {size}. What its warehouse holds is not known, "
                "because its stack is not running."
            )
        return (
            f"The warehouse of the workspace {self.workspace} has {counted(self.files, 'file')}, "
            f"{counted(self.orders, 'order')} and {counted(self.items, 'item')}; its drop bucket has "
            f"{counted(self.raw_files, 'raw file')}; {size}."
        )


def contents_of(layout: Layout, folders: Iterable[Path]) -> Contents:
    """Measure some of a workspace's folders and, if its stack is running, count what its stores hold."""
    size = sum(map(size_on_disk, folders))
    with using(layout.workspace):
        try:
            environment = open_environment(LOCAL)
            ((files, orders, items),) = environment.warehouse().query(statement("contents")).rows
            raw_files = sum(1 for _ in list_versions(environment.client("s3"), environment.fact("drop/bucket/name")))
        except (CafeError, BotoCoreError, ClientError):
            return Contents(layout.workspace, size)
    return Contents(layout.workspace, size, int(str(files)), int(str(orders)), int(str(items)), raw_files)
