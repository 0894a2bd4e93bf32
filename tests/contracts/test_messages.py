"""The messages of the two hops: producer and consumer read the same golden files, byte for byte."""

import json
from base64 import b64encode
from collections.abc import Callable
from copy import replace
from pathlib import Path
from typing import Any

import pytest

from extract.arrivals import decode_arrivals
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from load.plan import carried_tables, keys_to_copy, plan_batch
from shared.carried_rows import rows_of
from shared.contracts import (
    MAX_CARRIED_CHARACTERS,
    MAX_DIALECT_CHARACTERS,
    MAX_MESSAGE_BYTES,
    ExtractedPart,
    TransformedPart,
    UnreadableMessage,
    decode_extracted_part,
    decode_transformed_part,
    encode,
    version_order_of,
)
from shared.object_keys import extracted_rows_key
from transform.stage import transform_part

GOLDEN = Path(__file__).parent / "golden"
BRANCH_FILE = (
    b"25/08/2021 09:00,Chesterfield,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
    b'25/08/2021 09:04,Chesterfield,Ben Sample,"Large Mocha - 2.70, Large Mocha - 2.70",5.4,CARD,5494000000000016\n'
    b"25/08/2021 09:05,Chesterfield,Cy Example,Large Latte - 2.45,2.54,CASH,\n"
    b"31/02/2021 09:06,Chesterfield,Di Madeup,Large Latte - 2.45,2.45,CASH,\n"
)


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.json").read_text(encoding="utf-8").strip()


def test_extract_sends_the_golden_message() -> None:
    outbox = FakeOutbox()

    extract_file(
        arrival_of("2021/8/25/chesterfield.csv"), FakeObjects({"2021/8/25/chesterfield.csv": BRANCH_FILE}), outbox
    )

    assert [encode(message.without_rows()) for message in outbox.sent] == [golden("extracted_part")]


def test_a_part_that_is_sent_while_its_file_is_read_is_the_golden_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older stage does not know the field `unfinished`. It refuses the message, and the queue keeps it."""
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    objects, outbox, sent = FakeObjects({"2021/8/25/chesterfield.csv": BRANCH_FILE}), FakeOutbox(), FakeOutbox()

    extract_file(arrival_of("2021/8/25/chesterfield.csv"), objects, outbox)

    early, last = outbox.sent
    assert encode(early) == golden("extracted_part_early")
    assert "unfinished" not in json.loads(encode(last))["file"]
    assert decode_extracted_part(golden("extracted_part_early")) == early
    transform_part(decode_extracted_part(golden("extracted_part_early")), objects, sent)
    assert decode_transformed_part(encode(sent.sent[0])).file == early.file
    assert plan_batch([decode_transformed_part(encode(sent.sent[0]))], ()).files == ()


@pytest.mark.parametrize(("rows", "carries"), [(300, True), (20_000, False), (100_001, False)])
def test_extracts_message_carries_what_its_object_holds_if_that_is_little(rows: int, carries: bool) -> None:
    lines = (f"20/11/2026 {9 + n // 15_000:02}:00,Leeds,Ada,Latte - {n}.45,{n}.45,CASH,\n" for n in range(1, rows + 1))
    objects, outbox = FakeObjects({"leeds.csv": "".join(lines).encode()}), FakeOutbox()

    extract_file(arrival_of("leeds.csv"), objects, outbox)

    for message in outbox.sent:
        assert isinstance(message, ExtractedPart)
        member = objects.staged[extracted_rows_key(message.file.plan_id, message.file.source.file_id, message.part)]
        assert message.carried == (b64encode(member).decode() if carries else "")
        assert len(message.carried) <= MAX_CARRIED_CHARACTERS


@pytest.mark.parametrize("name", ["extracted_part", "extracted_part_with_rows"])
def test_transform_reads_the_golden_message_and_sends_its_own(name: str) -> None:
    objects, outbox = FakeObjects({"2021/8/25/chesterfield.csv": BRANCH_FILE}), FakeOutbox()
    extract_file(arrival_of("2021/8/25/chesterfield.csv"), objects, FakeOutbox())

    transform_part(decode_extracted_part(golden(name)), objects, outbox)

    (message,) = outbox.sent
    assert isinstance(message, TransformedPart)
    assert encode(message.without_rows()) == golden("transformed_part")


@pytest.mark.parametrize("name", ["transformed_part", "transformed_part_with_rows"])
def test_load_reads_the_same_rows_from_a_message_and_from_objects(name: str) -> None:
    """The compressed bytes may differ by processor. What they hold may not, and is in the golden message as well."""
    objects, outbox = FakeObjects({"2021/8/25/chesterfield.csv": BRANCH_FILE}), FakeOutbox()
    extract_file(arrival_of("2021/8/25/chesterfield.csv"), objects, FakeOutbox())
    transform_part(decode_extracted_part(golden("extracted_part")), objects, outbox, may_carry=False)
    part = decode_transformed_part(golden(name))

    (file,) = plan_batch([part], ()).files

    staged = {
        key.rpartition("/")[2].removesuffix(".csv.gz"): objects.text(key)
        for key in objects.staged
        if key.startswith("transformed/")
    }
    carried = {
        table.removeprefix("stage_"): "".join(rows_of(text).decode() for text in texts)
        for table, texts in carried_tables([file]).items()
    }
    assert carried == (staged if part.tables else {})
    assert bool(keys_to_copy([file]).keys() - {"ops.rejects"}) == (not part.tables)


def test_load_reads_the_golden_message() -> None:
    part = decode_transformed_part(golden("transformed_part"))

    (file,) = plan_batch([part], ()).files

    assert (file.orders, file.rejects, file.pence, file.summary.rows) == (2, 2, 785, 4)


def test_a_refused_file_is_reported_by_the_golden_message() -> None:
    outbox = FakeOutbox()

    extract_file(arrival_of("2021/8/25/takings.xlsx", sender=""), FakeObjects(), outbox)

    assert [encode(message) for message in outbox.sent] == [golden("extracted_refusal")]


def test_a_notification_of_s3_is_read() -> None:
    (arrival,) = decode_arrivals(golden("s3_notification"))

    assert (arrival.key, arrival.version_id, arrival.size_bytes, arrival.sent_by) == (
        "2026/11/20/st ives+(in).csv",
        "096fKKXTRTtl3on89fVO.nfljtsv6qko",
        1024,
        "AWS:AIDAINVENTED",
    )


@pytest.mark.parametrize(
    ("principal", "recorded"),
    [
        ("AWS:AROAINVENTED:leeds", "AWS:AROAINVENTED:leeds"),
        ("AWS:AROAINVENTED:ada@cafe.example", "AWS:AROAINVENTED"),
        ("A\n\u202eB", "A??B"),
        ("A" * 200, "A" * 100),
    ],
    ids=["a role's session", "a person's address", "invisible characters", "too long"],
)
def test_the_sender_is_recorded_without_what_may_name_a_person(principal: str, recorded: str) -> None:
    event = json.loads(golden("s3_notification"))
    event["Records"][0]["userIdentity"]["principalId"] = principal

    assert [arrival.sent_by for arrival in decode_arrivals(json.dumps(event))] == [recorded]


def test_the_test_event_of_s3_is_no_arrival() -> None:
    assert decode_arrivals('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"cafe-dev-drop-000000000000"}') == []


def test_an_event_that_has_no_records_is_no_arrival() -> None:
    assert decode_arrivals('{"source":"aws.s3","detail-type":"Object Created"}') == []


def test_the_removal_of_an_object_is_no_arrival() -> None:
    event = json.loads(golden("s3_notification"))
    event["Records"][0]["eventName"] = "ObjectRemoved:DeleteMarkerCreated"

    assert decode_arrivals(json.dumps(event)) == []


@pytest.mark.parametrize("name", ["extracted_part", "transformed_part"])
def test_F57_a_message_of_the_previous_version_is_read_as_one_of_this_version(name: str) -> None:
    decode = decode_extracted_part if name == "extracted_part" else decode_transformed_part

    older, newer = decode(golden(f"{name}_v2")), decode(golden(name))

    # A deploy may happen between two messages of one file. Only the plan by which it was cut differs.
    assert older == replace(newer, file=replace(newer.file, plan_id="v2-r100000"))


SQUARE = (
    "Date,Time,Item,Qty,Gross Sales,Discounts,Transaction ID,Location\n2021-08-25,09:00,Latte,1,£2.45,{},t1,Leeds\n"
)


@pytest.mark.parametrize(("written", "discounts"), [("-£0.45", 1), ("£0.00", None)])
def test_only_messages_of_files_with_discounts_say_how_many(written: str, discounts: int | None) -> None:
    """An older stage reads the others as before. It refuses these, and the queue keeps them for a newer one."""
    objects, outbox, sent = FakeObjects({"square.csv": SQUARE.format(written).encode()}), FakeOutbox(), FakeOutbox()

    extract_file(arrival_of("square.csv"), objects, outbox)
    transform_part(decode_extracted_part(encode(outbox.sent[0])), objects, sent)

    messages = [json.loads(encode(message)) for message in (outbox.sent[0], sent.sent[0])]
    assert [message["file"].get("discounts") for message in messages] == [discounts] * 2
    assert messages[1].get("discounts") == discounts
    assert decode_transformed_part(encode(sent.sent[0])) == sent.sent[0]
    (file,) = plan_batch([decode_transformed_part(encode(sent.sent[0]))], ()).files
    assert keys_to_copy([file]) == {}
    assert ("stage_discounts" in carried_tables([file])) == bool(discounts)


@pytest.mark.parametrize("decode", [decode_extracted_part, decode_transformed_part])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body | {"version": 99},
        lambda body: body | {"version": 0},
        lambda body: {key: body[key] for key in body if key != "version"},
        lambda body: body | {"surprise": 1},
        lambda body: {key: body[key] for key in body if key != "part"},
        lambda body: body | {"part": "1"},
        lambda body: body | {"part": True},
        lambda body: body | {"tables": {"orders": 1}},
        lambda body: body | {"carried": 1},
        lambda body: body | {"file": None},
        lambda body: body | {"file": body["file"] | {"outcome": "sideways"}},
        lambda body: body | {"file": body["file"] | {"discounts": "1"}},
        lambda body: body | {"file": body["file"] | {"unfinished": 1}},
        lambda body: body | {"file": body["file"] | {"source": {}}},
        lambda body: [body],
    ],
    ids=["newer version", "older version", "no version", "extra field", "missing field", "text for number",
         "boolean for number", "no text for rows", "no text for carried rows", "no file", "unknown outcome", "text for discounts", "number for boolean", "no source", "not an object"],
)  # fmt: skip
def test_a_message_that_breaks_the_contract_is_refused(
    decode: Callable[[str], object], spoil: Callable[[dict[str, Any]], object]
) -> None:
    name = "extracted_part" if decode is decode_extracted_part else "transformed_part"

    with pytest.raises(UnreadableMessage):
        decode(json.dumps(spoil(json.loads(golden(name)))))


@pytest.mark.parametrize("body", ["", "not json", "{}", "[]", "null"])
def test_a_text_that_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(UnreadableMessage):
        decode_extracted_part(body)


@pytest.mark.parametrize(
    "key", ["k" * 1020 + ".csv", "ü" * 510 + ".csv", "☕" * 255 + ".csv"], ids=["ascii", "two-byte", "emoji"]
)
def test_a_message_stays_within_its_limit_with_every_field_at_its_longest(key: str) -> None:
    message = decode_extracted_part(golden("extracted_part"))
    many = 10**10
    longest = replace(
        message.file,
        source=replace(
            message.file.source,
            key=key,
            bucket="b" * 63,
            version_id="v" * 64,
            version_order=version_order_of("2026-11-20T20:00:07Z", 9999, "20261124T051200Z"),
            size_bytes=many,
            sent_by="A" * 100,
        ),
        parts=many,
        reason="r" * 24,
        detail="d" * 200,
        dialect="d" * MAX_DIALECT_CHARACTERS,
        lines=type(message.file.lines)(*[many] * 6),
        rows=many,
        rejects=many,
        discounts=many,
        unfinished=True,
    )

    extracted = encode(ExtractedPart(3, longest, many, many))
    transformed = encode(TransformedPart(3, longest, many, many, many, many, many, many))

    assert max(len(extracted.encode()), len(transformed.encode())) <= MAX_MESSAGE_BYTES
    assert decode_extracted_part(extracted).file == decode_transformed_part(transformed).file == longest
