"""The previous release is found in git by the version of its messages, and what it is deployed from is checked out."""

import subprocess
from pathlib import Path

import pytest

from cafe.errors import CafeError
from cafe.local.deployment import SOURCES
from shared.contracts import READABLE_VERSIONS
from upgrade.proof import upgrade_from
from upgrade.releases import CONTRACTS, Release, check_out, previous_release, release_at


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the contract versions 1, 2, 2 and 3. A branch with 2 was merged later."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, 1, "first")
    commit(root, 2, "second")
    git(root, "branch", "side")
    commit(root, 2, "newest of two")
    commit(root, 3, "third")
    git(root, "switch", "--quiet", "side")
    (root / "Makefile").write_text("side:\n", encoding="utf-8")
    commit(root, 2, "of the side")
    git(root, "switch", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-edit", "--strategy=ours", "side")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody, and without the machine's own configuration."""
    who = ("-c", "user.name=Ada Tester", "-c", "user.email=ada@tester.example", "-c", "commit.gpgsign=false")
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, version: int, subject: str) -> None:
    """Commit a release of a contract version."""
    for name in SOURCES:
        if name != "src":
            (root / name).touch()
    (root / CONTRACTS).parent.mkdir(parents=True, exist_ok=True)
    (root / CONTRACTS).write_text(f"# {subject}\nCONTRACT_VERSION = {version}\n", encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", subject)


def subject_of(root: Path, release: Release) -> str:
    return git(root, "log", "-1", "--format=%s", release.commit)


def test_the_previous_release_is_the_newest_of_this_branch_with_the_version_before(repository: Path) -> None:
    found = previous_release(repository, 3)

    assert (subject_of(repository, found), found.contract_version) == ("newest of two", 2)


def test_the_newest_commit_is_the_previous_release_of_a_version_that_is_not_committed_yet(repository: Path) -> None:
    assert previous_release(repository, 4).contract_version == 3


def test_a_shallow_clone_is_refused_with_what_to_type(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", str(shallow))

    with pytest.raises(CafeError, match=r"shallow.*git fetch --unshallow"):
        previous_release(shallow, 3)


def test_a_history_without_such_a_version_is_refused(repository: Path) -> None:
    with pytest.raises(CafeError, match=r"contract version 7 .* FROM="):
        previous_release(repository, 8)


def test_another_release_is_found_by_its_name(repository: Path) -> None:
    git(repository, "tag", "v1.0.0", "HEAD~3")

    assert release_at(repository, "v1.0.0").contract_version == 2
    with pytest.raises(CafeError, match=r"no commit 'v9'.*git tag"):
        release_at(repository, "v9")


def test_a_commit_without_a_contract_is_refused(repository: Path) -> None:
    git(repository, "rm", "--quiet", CONTRACTS)
    git(repository, "commit", "--quiet", "--message", "none")

    with pytest.raises(CafeError, match="no contract version"):
        release_at(repository, "HEAD")


def test_the_sources_of_a_release_are_checked_out_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    (repository / "README.md").touch()
    commit(repository, 3, "with a page")
    folder = tmp_path / "folder"
    folder.mkdir()

    check_out(repository, previous_release(repository, 3), folder)

    assert sorted(path.name for path in folder.iterdir()) == sorted(SOURCES)
    assert "newest of two" in (folder / CONTRACTS).read_text(encoding="utf-8")


def test_a_release_whose_messages_this_one_does_not_read_is_refused() -> None:
    with pytest.raises(CafeError, match="Deploy a release between"):
        upgrade_from(Release("0" * 40, min(READABLE_VERSIONS) - 1), pytest.fail)
