"""The handlers of extract and transform on real clients: a batch goes in, its failed messages come out."""

import json
from collections.abc import Callable, Sequence

import pytest

from extract.revision import rules_revision
from integration.adapters.conftest import DROP, STAGING, Aws, Function, notification
from shared.contracts import MAX_MESSAGE_BYTES, PLAN_ID, decode_extracted_part, decode_transformed_part, encode

pytestmark = pytest.mark.usefixtures("aws")

type Start = Callable[[str], Function]

NAME, CARD = "Ada Tester", "4111111111111111"
ROW = f"25/08/2021 09:00,Leeds,{NAME},Large Latte - 2.45,2.45,CARD,{CARD}\n".encode()
ALL_WELL: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}
KEYS = [f"head-office/2026/11/20/leeds-{number}.csv" for number in range(9)]


def failures_of(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize("bad", ["not JSON", "[]", '{"Records": [{}]}'], ids=["no json", "a list", "an empty record"])
def test_F31_of_ten_arrivals_only_the_bad_one_is_delivered_again(aws: Aws, start_function: Start, bad: str) -> None:
    bodies = [notification(key, aws.put(key, ROW)) for key in KEYS]
    bodies.insert(4, bad)

    answer = start_function("extract").call(*bodies)

    assert failures_of(answer) == ["4"]
    assert sorted(decode_extracted_part(body).file.source.key for body in aws.sent()) == KEYS


@pytest.mark.parametrize(
    "spoil",
    [lambda _: "not JSON", lambda body: json.dumps(json.loads(body) | {"version": 99})],
    ids=["no json", "unknown version"],
)
def test_F31_of_ten_parts_only_the_bad_one_is_delivered_again(
    aws: Aws, start_function: Start, spoil: Callable[[str], str]
) -> None:
    start_function("extract").call(*[notification(key, aws.put(key, ROW)) for key in KEYS])
    extracted = aws.sent()
    bodies = [*extracted[:7], spoil(extracted[0]), *extracted[7:]]

    answer = start_function("transform").call(*bodies)

    assert failures_of(answer) == ["7"]
    assert sorted(decode_transformed_part(body).file.source.key for body in aws.sent()) == KEYS


def test_the_rules_of_reading_are_in_the_plan_of_a_file(aws: Aws, start_function: Start) -> None:
    start_function("extract").call(notification(KEYS[0], aws.put(KEYS[0], ROW)))

    (message,) = map(decode_extracted_part, aws.sent())
    assert message.file.plan_id == f"{PLAN_ID}-{rules_revision(60)}"


@pytest.mark.parametrize(("receives", "first_sent"), [(1, 1), (2, 3)], ids=["first delivery", "second delivery"])
def test_parts_are_sent_early_at_the_first_delivery_only(
    aws: Aws, start_function: Start, monkeypatch: pytest.MonkeyPatch, receives: int, first_sent: int
) -> None:
    """Else a file that takes the function down would make the other functions work at each of its deliveries."""
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 1)
    extract = start_function("extract")
    requests: list[int] = []
    send = extract.module.outbox._send

    def counted(bodies: Sequence[str]) -> None:
        requests.append(len(bodies))
        send(bodies)

    monkeypatch.setattr(extract.module.outbox, "_send", counted)

    extract.call(notification(KEYS[0], aws.put(KEYS[0], ROW * 3)), receives=[receives])

    assert requests[0] == first_sent
    assert sum(requests) == 3


def test_the_largest_file_and_those_received_before_are_read_last(aws: Aws, start_function: Start) -> None:
    keys = ["again.csv", "large.csv", "small.csv", "middle.csv"]
    versions = [aws.put(key, ROW * rows) for key, rows in zip(keys, (1, 90, 2, 9), strict=True)]
    bodies = [
        notification(key, version, size=size) for key, version, size in zip(keys, versions, (1, 90, 2, 9), strict=True)
    ]

    start_function("extract").call(*bodies, receives=[2, 1, 1, 1])

    assert [decode_extracted_part(body).file.source.key for body in aws.sent()] == [
        "small.csv",
        "middle.csv",
        "large.csv",
        "again.csv",
    ]


def test_the_file_of_a_part_whose_rows_are_missing_fails_at_once(aws: Aws, start_function: Start) -> None:
    start_function("extract").call(*[notification(key, aws.put(key, ROW)) for key in KEYS])
    extracted = aws.sent()
    pointing = decode_extracted_part(extracted[2]).without_rows()
    extracted[2] = encode(pointing)
    missing = pointing.file.source.file_id
    for key in aws.staged_keys():
        if missing in key:
            aws.client("s3").delete_object(Bucket=STAGING, Key=key)

    answer = start_function("transform").call(*extracted)

    assert answer == ALL_WELL
    sent = [decode_transformed_part(body).file for body in aws.sent()]
    assert [file.reason for file in sent if file.source.file_id == missing] == ["rows_missing"]
    assert [file.reason for file in sent].count("") == len(KEYS) - 1


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": DROP}),
        json.dumps({"source": "aws.events", "detail-type": "Scheduled Event"}),
        notification("head-office/2026/11/20/leeds.csv", "v1", "ObjectRemoved:DeleteMarkerCreated"),
    ],
    ids=["s3 tests the queue", "an event without records", "a file was removed"],
)
def test_F06_a_message_that_announces_no_file_is_acknowledged_and_logged(
    aws: Aws, start_function: Start, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    assert start_function("extract").call(body) == ALL_WELL
    assert aws.sent() == []
    assert '"message.announces_no_file"' in capsys.readouterr().out


def test_a_file_that_is_gone_is_acknowledged_and_reported(aws: Aws, start_function: Start) -> None:
    answer = start_function("extract").call(notification("head-office/2026/11/20/never.csv", "v1"))

    assert answer == ALL_WELL
    (body,) = aws.sent()
    assert decode_extracted_part(body).file.reason == "gone"


@pytest.mark.parametrize(
    "key",
    ["k" * 1020 + ".csv", "ü" * 510 + ".csv", "☕" * 255 + ".csv", '"' * 1020 + ".csv", "\x01" * 1020 + ".csv",
     "a b+c%d.csv", "..//x.csv"],
    ids=["ascii", "two-byte", "emoji", "quotes", "controls", "odd", "dots"],
)  # fmt: skip
def test_F35_the_messages_of_a_file_of_any_name_stay_below_two_kilobytes(
    aws: Aws, start_function: Start, key: str
) -> None:
    answer = start_function("extract").call(notification(key, "v1"))
    (extracted,) = aws.sent()
    start_function("transform").call(extracted)
    (transformed,) = aws.sent()

    assert answer == ALL_WELL
    assert max(len(body.encode()) for body in (extracted, transformed)) <= MAX_MESSAGE_BYTES


def test_a_batch_whose_every_message_fails_returns_them_and_raises_nothing(
    aws: Aws, start_function: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [notification(key, aws.put(key, ROW)) for key in KEYS]
    aws.client("s3").delete_bucket(Bucket=STAGING)

    answer = start_function("extract").call(*bodies)

    assert failures_of(answer) == [str(place) for place in range(len(KEYS))]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failed = [line for line in lines if line.get("message") == "message.failed"]
    assert [line["key"] for line in failed] == KEYS
    assert all("NoSuchBucket" in line["problem"] for line in failed)


def test_each_rule_that_refused_rows_of_a_file_is_logged_with_their_number(
    aws: Aws, start_function: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    no_time = f"yesterday,Leeds,{NAME},Large Latte - 2.45,2.45,CARD,{CARD}\n".encode()
    wrong_sum = f"25/08/2021 09:00,Leeds,{NAME},Large Latte - 2.45,9.99,CARD,{CARD}\n".encode()
    key = "head-office/2026/11/20/leeds.csv"

    start_function("extract").call(notification(key, aws.put(key, ROW + 3 * no_time + 2 * wrong_sum)))
    start_function("transform").call(*aws.sent())

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rejected = [line for line in lines if line.get("message") == "rows.rejected"]
    assert [(line["service"], line["key"], line["rule"], line["rejects"]) for line in rejected] == [
        ("extract", key, "bad_timestamp", 3),
        ("transform", key, "total_mismatch", 2),
    ]


def test_a_card_number_in_a_key_is_in_no_line_and_no_message(
    aws: Aws, start_function: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    key = f"head-office/2026/11/20/leeds_{CARD}.csv"

    start_function("extract").call(notification(key, aws.put(key, ROW)))

    written, sent = capsys.readouterr().out, aws.sent()
    assert "personal_key" in written
    assert [decode_extracted_part(body).file.source.key for body in sent] == [key.replace(CARD, "#" * len(CARD))]
    assert CARD not in f"{written}{sent}"


def test_the_functions_write_json_lines_that_hold_no_personal_data(
    aws: Aws, start_function: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    bad_row = f"25/08/2021 09:00,Leeds,{NAME},{NAME} {CARD},{CARD},{NAME},{CARD}\n".encode()
    key = "head-office/2026/11/20/leeds.csv"

    start_function("extract").call(notification(key, aws.put(key, ROW + bad_row)), f"{NAME} {CARD}")
    start_function("transform").call(*aws.sent(), f"{NAME} {CARD}")

    written = capsys.readouterr()
    messages = [json.loads(line).get("message") for line in written.out.splitlines()]
    assert [message for message in messages if message] == [
        "message.failed", "file.extracted", "rows.rejected", "part.transformed", "message.failed",
    ]  # fmt: skip
    assert NAME not in written.out + written.err
    assert CARD not in written.out + written.err
    assert written.err == ""
