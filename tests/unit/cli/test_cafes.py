"""`cafe cafes`: the register of cafés is read, changed without losing what others write, and explained."""

import io
import json
from collections.abc import Callable
from copy import replace
from typing import Any

import boto3
import pytest

from cafe.answers.cafes import with_cafe, with_new_name
from cafe.deployed.cafe_register import MOST_TRIES, change_register, read_register
from cafe.deployed.environment import Environment, open_environment
from cafe.errors import CafeError
from cafe.warehouse.port import WarehouseError
from extract.arrivals import decode_arrivals
from extract.register import REGISTER_KEY, Cafe, Register
from extract.rules import Rule
from unit.cli.builders import DROP_BUCKET, REGION, STAGING_BUCKET, FakeWarehouse, answer, ledger_row
from unit.cli.conftest import Run
from unit.clock import NOW

LEEDS = Cafe("Leeds", "Leeds", "leeds", "2026-11-01")
WIGHT = Cafe("Isle of Wight", "Isle of Wight", "isle_of_wight", "2026-11-02")
HULL = Cafe("Hull", "Hull", "hull", "2026-11-03")
KEY = "2026/11/26/york_26-11-2026_21-00-00.csv"
OFFICE_KEY = "head-office/2026/11/26/all.csv"
TODAY = f"{NOW:%Y-%m-%d}"


def write(*cafes: Cafe, is_closed: bool = False) -> None:
    body = Register(cafes, is_closed=is_closed).text().encode()
    boto3.client("s3", REGION).put_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY, Body=body)


def written() -> Register:
    body = boto3.client("s3", REGION).get_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY)["Body"]
    return Register.parse(body.read().decode())


def put(key: str) -> str:
    version: str = boto3.client("s3", REGION).put_object(Bucket=DROP_BUCKET, Key=key, Body=b"x")["VersionId"]
    return version


def held_row(key: str, version: str, **fields: Any) -> dict[str, Any]:
    reason = {"outcome": "held", "reason": "unknown_cafe", "detail": "1 unknown café", "rows_loaded": 0}
    return ledger_row(source_key=key, version_id=version, file_id=version[:32].rjust(32, "0"), **(reason | fields))


def announced(deployed: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the key and the version of each file that was announced again; each as a re-extract."""
    received = boto3.client("sqs", REGION).receive_message(
        QueueUrl=deployed["extract/queue/url"], MaxNumberOfMessages=10
    )
    arrivals = [found for message in received.get("Messages", []) for found in decode_arrivals(message["Body"])]
    assert all(arrival.re_extract for arrival in arrivals)
    return [(arrival.key, arrival.version_id) for arrival in arrivals]


@pytest.fixture
def run(run: Run, deployed: dict[str, Any], warehouse: FakeWarehouse) -> Run:
    """Run `cafe` on a stack whose warehouse answers."""
    del deployed, warehouse
    return run


# --- list


def test_a_new_installation_has_an_open_register_without_cafes(run: Run) -> None:
    result = run("cafes", "list", "--env", "dev")

    assert result.exit_code == 0
    assert "0 cafés. The register is open: it learns a café from its first accepted row." in result.stdout


def test_the_list_has_name_key_day_and_the_name_that_ids_keep(run: Run) -> None:
    write(LEEDS, replace(WIGHT, name="Ryde"), is_closed=True)

    shown = run("cafes", "list", "--env", "dev").stdout
    as_json = json.loads(run("cafes", "list", "--env", "dev", "--json").stdout)["data"]

    assert [line.split() for line in shown.splitlines()[1:3]] == [
        ["Leeds", "leeds", "2026-11-01"],
        ["Ryde", "isle_of_wight", "2026-11-02", "Isle", "of", "Wight"],
    ]
    assert "2 cafés. The register is closed" in shown
    assert as_json["is_closed"] is True
    assert as_json["cafes"][0] == {"name": "Leeds", "written_as": "Leeds", "key": "leeds", "since": "2026-11-01"}


def test_a_register_that_cannot_be_read_is_an_error_that_names_the_object(run: Run) -> None:
    boto3.client("s3", REGION).put_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY, Body=b"[]")

    result = run("cafes", "list", "--env", "dev")

    assert result.exit_code == 2
    assert f"s3://{STAGING_BUCKET}/register/cafes.json, cannot be read" in result.stderr


# --- add


def test_a_first_cafe_makes_the_register(run: Run) -> None:
    result = run("cafes", "add", " Isle  of Wight ", "--env", "dev")

    assert result.exit_code == 0
    assert written().cafes == (replace(WIGHT, since=TODAY),)
    assert "Isle of Wight is registered. Its files' names begin with isle_of_wight, in any spelling." in result.stdout
    assert "No file waits for it." in result.stdout


def test_a_cafe_may_have_a_key_of_its_own(run: Run) -> None:
    write(LEEDS, is_closed=True)

    result = run("cafes", "add", "King's Lynn", "--key", "kings-lynn", "--env", "dev", "--json")

    assert json.loads(result.stdout)["data"] == {
        "added": True,
        "cafe": {"name": "King's Lynn", "written_as": "King's Lynn", "key": "kings-lynn", "since": TODAY},
        "is_closed": True,
        "extracted_again": [],
        "gone": [],
    }
    assert written().is_closed


def test_adding_a_cafe_twice_changes_nothing(run: Run) -> None:
    write(LEEDS)

    result = run("cafes", "add", "Leeds", "--env", "dev")

    assert result.exit_code == 0
    assert "Leeds is registered already, since 2026-11-01, with the key leeds. Nothing was changed." in result.stdout
    assert written().cafes == (LEEDS,)


@pytest.mark.parametrize(
    ("name", "key", "problem"),
    [
        ("LEEDS", "", "'LEEDS' is a spelling of Leeds, which is registered since 2026-11-01 with the key leeds"),
        ("isle_of-WIGHT", "", "is a spelling of Isle of Wight"),
        ("Leeds", "leeds_2", "'Leeds' is a spelling of Leeds"),
        ("Leeds Station", "Leeds", "'Leeds' is a spelling of Leeds"),
        ("Kirkgate", "isle-of-wight", "'isle-of-wight' is a spelling of Isle of Wight"),
        ("", "", "The name of the café is empty"),
        ("  ", "", "The name of the café is empty"),
        ("head office", "", "'head office' cannot be the name of a café"),
        ("York", "head-office", "'head-office' cannot be the key of a café"),
        ("York", "a/b", "'a/b' cannot be the key of a café"),
        ("York", "b_01-01-2026_09-00-00", "cannot be the key of a café"),
        ("123", "", Rule.BAD_BRANCH),
        ("Ada ada@example.org", "", Rule.POSSIBLE_CONTACT),
        ("4900 1007 3918 2645 Ada", "", Rule.POSSIBLE_CARD_NUMBER),
        ("Yo\u200brk", "", Rule.CONTROL_CHARACTER),
        ("Y" * 121, "", Rule.BAD_BRANCH),
    ],
)
def test_a_name_that_cannot_be_added_is_explained(name: str, key: str, problem: str) -> None:
    with pytest.raises(CafeError) as refused:
        with_cafe(Register((LEEDS, WIGHT)), name, key, TODAY)

    assert problem in str(refused.value)


def test_a_refused_name_is_an_error_and_nothing_is_written(run: Run) -> None:
    write(LEEDS, WIGHT)

    result = run("cafes", "add", "LEEDS", "--env", "dev")

    assert result.exit_code == 2
    assert "'LEEDS' is a spelling of Leeds" in result.stderr
    assert "cafe cafes rename Leeds NEW" in result.stderr
    assert written().cafes == (LEEDS, WIGHT)


def test_files_that_wait_for_the_cafe_are_extracted_again(
    run: Run, deployed: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    older, version = put(KEY), put(KEY)
    office, other = put(OFFICE_KEY), put(KEY.replace("york", "hull"))
    correction = KEY.replace("21-00", "22-00")
    warehouse.answers["held_files"] = answer(
        held_row(KEY, older),
        held_row(KEY, version),
        held_row(OFFICE_KEY, office),
        held_row(KEY.replace("york", "hull"), other),
        held_row(correction, put(correction), reason="removes_much"),
    )
    write(LEEDS, is_closed=True)

    result = run("cafes", "add", "York", "--env", "dev")

    assert result.exit_code == 0
    assert sorted(announced(deployed)) == sorted([(KEY, version), (OFFICE_KEY, office)])
    assert "2 files that waited for it: extracted again now." in result.stdout


def test_a_second_add_finds_files_that_a_first_one_did_not_send(
    run: Run, deployed: dict[str, Any], warehouse: FakeWarehouse
) -> None:
    version = put(KEY)
    warehouse.answers["held_files"] = [WarehouseError("no route to host"), answer(held_row(KEY, version))]

    first = run("cafes", "add", "York", "--env", "dev")
    second = run("cafes", "add", "York", "--env", "dev", "--json")

    assert first.exit_code == 2
    assert "York is registered, but its held files could not be looked up: no route to host" in first.stderr
    assert json.loads(second.stdout)["data"]["added"] is False
    assert [file["key"] for file in json.loads(second.stdout)["data"]["extracted_again"]] == [KEY]
    assert announced(deployed) == [(KEY, version)]


def test_a_held_file_that_left_the_bucket_has_to_be_sent_again(run: Run, warehouse: FakeWarehouse) -> None:
    warehouse.answers["held_files"] = answer(held_row(KEY, "v1"))

    result = run("cafes", "add", "York", "--env", "dev")

    assert result.exit_code == 1
    assert f"{KEY} is no longer in the drop bucket: the branch has to send it again." in result.stderr


# --- rename


class FakeLoad:
    """The Lambda service, with load's answer to a rename."""

    def __init__(self, renamed: int = 1) -> None:
        self.renamed = renamed
        self.asked: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803, ARG002  names of the API
        self.asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps({"renamed": self.renamed}).encode())}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> FakeLoad:
    fake = FakeLoad()
    client: Callable[[Environment, str], Any] = Environment.client
    monkeypatch.setattr(Environment, "client", lambda self, name: fake if name == "lambda" else client(self, name))
    return fake


def test_a_rename_changes_the_warehouse_and_the_register_and_keeps_the_name_in_ids(run: Run, load: FakeLoad) -> None:
    write(LEEDS, WIGHT)

    result = run("cafes", "rename", "isle-of-wight", "Ryde", "--env", "dev")

    assert result.exit_code == 0
    assert load.asked == [{"rename": {"written_as": "Isle of Wight", "name": "Ryde"}}]
    assert written().cafes == (LEEDS, replace(WIGHT, name="Ryde"))
    assert "Isle of Wight is shown as Ryde from now on. Its files may use both names." in result.stdout


def test_a_rename_can_be_repeated(run: Run, load: FakeLoad) -> None:
    write(LEEDS, WIGHT)

    answers = [run("cafes", "rename", "Leeds", "Leeds Station", "--env", "dev", "--json") for _ in range(2)]

    assert [json.loads(result.stdout)["data"]["cafe"]["name"] for result in answers] == ["Leeds Station"] * 2
    assert json.loads(answers[0].stdout)["data"]["was"] == "Leeds"
    assert json.loads(answers[0].stdout)["data"]["renamed_in_warehouse"] == 1
    assert load.asked == [{"rename": {"written_as": "Leeds", "name": "Leeds Station"}}] * 2


def test_a_rename_that_load_fails_leaves_the_register_so_that_it_can_be_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(replace(LEEDS, name="Leeds City"))
    failing = CafeError("The load function failed to rename.")
    monkeypatch.setattr("cafe.commands.cafes.invoke_load", lambda *_: (_ for _ in ()).throw(failing))

    result = run("cafes", "rename", "Leeds City", "Leeds Station", "--env", "dev")

    assert result.exit_code == 2
    assert written().cafes == (replace(LEEDS, name="Leeds City"),)


def test_a_cafe_without_sales_is_renamed_again_later(run: Run, load: FakeLoad) -> None:
    write(LEEDS)
    load.renamed = 0

    result = run("cafes", "rename", "Leeds", "Leeds Station", "--env", "dev")

    assert result.exit_code == 0
    assert "The warehouse has no sales of it yet." in result.stderr
    assert "cafe cafes rename Leeds 'Leeds Station'" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Leds", "York", "There is no café 'Leds' in the register. Did you mean Leeds?"),
        ("Hull", "York", "There is no café 'Hull' in the register."),
        ("", "York", "The name of the café is empty"),
        ("Leeds", "", "The name of the café is empty"),
        ("Leeds", "ISLE OF WIGHT", "'ISLE OF WIGHT' is a spelling of Isle of Wight"),
        ("Leeds", "42", Rule.BAD_BRANCH),
    ],
)
def test_a_rename_that_cannot_be_is_explained(old: str, new: str, problem: str) -> None:
    with pytest.raises(CafeError) as refused:
        with_new_name(Register((LEEDS, WIGHT)), old, new)

    assert problem in str(refused.value)


def test_a_refused_rename_changes_nothing(run: Run, load: FakeLoad) -> None:
    write(LEEDS, WIGHT)

    result = run("cafes", "rename", "Leeds", "isle of wight", "--env", "dev")

    assert result.exit_code == 2
    assert load.asked == []
    assert written().cafes == (LEEDS, WIGHT)


# --- close and open


def test_the_register_is_closed_and_opened_and_says_what_that_means(run: Run) -> None:
    write(LEEDS)

    closed = run("cafes", "close", "--env", "dev")
    was_closed = written().is_closed
    opened = run("cafes", "open", "--env", "dev")

    assert (closed.exit_code, opened.exit_code) == (0, 0)
    assert was_closed
    assert not written().is_closed
    assert "files of cafés that are not in it are held. It has 1 café." in closed.stdout
    assert "it learns a café from its first accepted row. It has 1 café." in opened.stdout
    assert "cafe replay --rule unknown_cafe" in opened.stderr


def test_closing_an_empty_register_warns(run: Run) -> None:
    result = run("cafes", "close", "--env", "dev", "--json")

    assert json.loads(result.stdout)["data"] == {"is_closed": True, "count": 0}
    assert "every file will be held" in result.stderr


# --- others write too


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("before", [(), (HULL,)], ids=["the first register", "a register"])
def test_what_another_writes_in_between_is_kept(before: tuple[Cafe, ...]) -> None:
    if before:
        write(*before)
    others = iter([WIGHT, None])

    def add_leeds(register: Register) -> Register:
        # Extract learns a café after the register was read, and before it is written.
        if (other := next(others)) is not None:
            write(*before, other)
        return register.with_cafes(LEEDS)

    changed = change_register(open_environment("dev"), add_leeds, sleep=lambda _: None)

    assert changed.cafes == written().cafes == (*before, WIGHT, LEEDS)


@pytest.mark.usefixtures("deployed")
def test_a_register_that_is_deleted_in_between_is_made_again() -> None:
    write(LEEDS)
    environment = open_environment("dev")

    def close_it(register: Register) -> Register:
        if register.cafes:
            environment.client("s3").delete_object(Bucket=STAGING_BUCKET, Key=REGISTER_KEY)
        return register.with_state(is_closed=True)

    change_register(environment, close_it, sleep=lambda _: None)

    assert written() == Register((), is_closed=True)


@pytest.mark.usefixtures("deployed")
def test_a_register_that_others_keep_changing_is_given_up_in_the_end() -> None:
    pauses: list[float] = []

    def change(register: Register) -> Register:
        write(LEEDS, is_closed=not register.is_closed)
        return register.with_cafes(WIGHT)

    with pytest.raises(CafeError, match=f"changed by others {MOST_TRIES} times"):
        change_register(open_environment("dev"), change, sleep=pauses.append)

    assert len(pauses) == MOST_TRIES
    assert read_register(open_environment("dev")).cafes == (LEEDS,)
