"""Every hostile file gives its expected result, within its limits, and loses nothing silently."""

import json
import os
import subprocess
import sys
import unicodedata
from typing import Any

import pytest

from extract.cells import text_fault
from extract.rules import Rule
from hostile.child import CPU_SECONDS
from hostile.corpus import CORPUS, HostileFile

MOST_MEGABYTES = 300


def run_python(*arguments: str) -> str:
    """Run Python with the tests' path in a new process. It has no threads, so it may fork."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, Any]]:
    """The result of each file, by its name."""
    lines = [json.loads(line) for line in run_python("-m", "hostile.child").splitlines()]
    return {line["name"]: line for line in lines}


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len(CORPUS) >= 60
    assert len({file.name for file in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: f"{file.fault} {file.name}")
def test_F07_F08_F09_F10_F11_F12_F13_F14_F15_F16_F17_F18_F19_F20_F22_F23_F24_F58_F62_a_hostile_file_gives_its_result(
    results: dict[str, dict[str, Any]], file: HostileFile
) -> None:
    result = results[file.name]

    assert "error" not in result
    answer = result["answer"]
    assert answer["problems"] == []
    assert (answer["outcome"], answer["orders"], answer["pence"]) == (file.outcome, file.orders, file.pence)
    assert [tuple(reject) for reject in answer["rejects"]] == list(file.rejects)
    assert result["megabytes"] < MOST_MEGABYTES
    assert result["seconds"] < CPU_SECONDS


@pytest.mark.parametrize(
    ("work", "seen"),
    [
        ("len(b'x' * 400_000_000)", "megabytes"),
        ("sum(n for n in iter(int, 1))", "error"),
        ("[].pop()", "error"),
    ],
    ids=["memory", "time", "an exception"],
)
def test_excessive_memory_time_and_errors_are_detected(work: str, seen: str) -> None:
    code = (
        "import json, hostile.child as child; child.CPU_SECONDS = 1; "
        f"print(json.dumps(child.in_a_separate_process(lambda: {work})))"
    )

    result = json.loads(run_python("-c", code))

    assert result.get("error") if seen == "error" else result["megabytes"] > MOST_MEGABYTES


def test_F17_every_character_that_is_not_printed_is_rejected() -> None:
    # A line feed is the line break of a quoted cell, which is a blank.
    unprinted = [
        sign
        for sign in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Co", "Zl", "Zp") and sign != "\n"
    ]

    assert [
        f"U+{ord(sign):04X}" for sign in unprinted if text_fault(f"Le{sign}eds") is not Rule.CONTROL_CHARACTER
    ] == []
