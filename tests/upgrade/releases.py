"""Find the previous release in git, and check out what it is deployed from."""

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cafe.errors import CafeError
from cafe.local.deployment import SOURCES

CONTRACTS = "src/shared/contracts.py"
_VERSION = re.compile(r"^CONTRACT_VERSION = ([0-9]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Release:
    """A commit, and the version of the messages between its stages."""

    commit: str
    contract_version: int


def previous_release(checkout: Path, contract_version: int) -> Release:
    """Find the newest commit of this branch whose messages are of the version before this one.

    Only first parents count: a commit of a branch that was merged later was never what others deployed. Raises
    CafeError if the history does not go back so far.
    """
    wanted = contract_version - 1
    for commit in _candidates(checkout):
        if _version_at(checkout, commit) == wanted:
            return Release(commit, wanted)
    if _git(checkout, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise CafeError(
            f"The history of this clone is shallow, and ends before the release with contract version {wanted}.",
            "Fetch the rest, then try again: git fetch --unshallow",
        )
    raise CafeError(
        f"No commit of this branch has contract version {wanted} in {CONTRACTS}.", "Name the release: FROM=v1.0.0"
    )


def release_at(checkout: Path, ref: str) -> Release:
    """Look a release up by the name of its tag, branch or commit. Raises CafeError if git does not know it."""
    try:
        commit = _git(checkout, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except subprocess.CalledProcessError:
        raise CafeError(
            f"Git knows no commit {ref!r}.",
            "List the releases: git tag. If it is a new one, fetch it: git fetch --tags",
        ) from None
    version = _version_at(checkout, commit)
    if version is None:
        raise CafeError(f"The commit {ref!r} has no contract version in {CONTRACTS}.", "Name a release.")
    return Release(commit, version)


def check_out(checkout: Path, release: Release, folder: Path) -> None:
    """Write the sources that a release is deployed from into a folder."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", release.commit, "--", *SOURCES],
        cwd=checkout,
        check=True,
        capture_output=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def _candidates(checkout: Path) -> Iterator[str]:
    """List the newest commit, and the one before each change of the contracts, from the newest to the oldest."""
    yield "HEAD"
    for line in _git(checkout, "log", "--first-parent", "--format=%P", "HEAD", "--", CONTRACTS).splitlines():
        # The first commit of all has no parent, and that of a shallow history has one that is not there.
        if parents := line.split():
            yield parents[0]


def _version_at(checkout: Path, commit: str) -> int | None:
    try:
        found = _VERSION.search(_git(checkout, "show", f"{commit}:{CONTRACTS}"))
    except subprocess.CalledProcessError:
        return None
    return int(found[1]) if found else None


def _git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=checkout, check=True, capture_output=True, text=True).stdout
