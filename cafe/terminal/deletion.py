"""Ask before a workspace's data is deleted, and say how much that is."""

from collections.abc import Iterable
from pathlib import Path

import typer

from cafe.answers.contents import contents_of
from cafe.errors import Misused
from cafe.local.layout import Layout
from cafe.terminal.options import EXIT_UNHEALTHY
from cafe.terminal.presentation import confirm, remark, require_answer_or_yes


def confirm_deletion(layout: Layout, folders: Iterable[Path], *, is_yes: bool, as_json: bool) -> None:
    """Show how much of a workspace will be deleted, and ask. Where nothing can be lost, do not ask.

    Raises CafeError if nobody can answer: there is no terminal, or the answer is for a script. Exits with code 1 if the
    answer is no.
    """
    contents = contents_of(layout, folders)
    if contents.is_empty:
        return
    remark(contents.described())
    if as_json and not is_yes:
        raise Misused("The command asks before it deletes anything, and a script cannot answer.", "Add --yes.")
    require_answer_or_yes(is_yes)
    if not is_yes and not confirm("All of it will be deleted. Delete it?"):
        remark("Nothing was deleted.")
        raise typer.Exit(EXIT_UNHEALTHY)
