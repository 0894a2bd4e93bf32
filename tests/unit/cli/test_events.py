"""The events are AWS's own shapes, and extract reads them."""

import json
from datetime import UTC, datetime

import pytest

from cafe.deployed.drop_bucket import StoredVersion
from cafe.sending.events import s3_notification
from extract.arrivals import decode_arrivals
from unit.cli.builders import DROP_BUCKET, REGION

MOMENT = datetime(2021, 2, 23, 20, 15, 0, 123_000, tzinfo=UTC)


def dropped(key: str, moment: datetime = MOMENT) -> StoredVersion:
    return StoredVersion(DROP_BUCKET, key, "v1", "d41d8cd98f00b204e9800998ecf8427e", 42, moment)


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("2021/2/23/a b.csv", "2021/2/23/a+b.csv"),
        ("2021/2/23/leeds (in).csv", "2021/2/23/leeds+%28in%29.csv"),
        ("2021/2/23/50%+1.csv", "2021/2/23/50%25%2B1.csv"),
        ("2021/2/23/café.csv", "2021/2/23/caf%C3%A9.csv"),
    ],
    ids=["space", "brackets", "percent and plus", "accent"],
)
def test_keys_are_encoded_as_s3_encodes_them(key: str, encoded: str) -> None:
    notification = s3_notification(dropped(key), region=REGION)

    assert notification["Records"][0]["s3"]["object"]["key"] == encoded
    assert notification["Records"][0]["eventTime"] == "2021-02-23T20:15:00.123Z"


def test_extract_reads_back_what_was_dropped() -> None:
    notification = s3_notification(dropped("2021/2/23/café (in) +1.csv"), region=REGION)

    [arrival] = decode_arrivals(json.dumps(notification))

    assert (arrival.bucket, arrival.key, arrival.version_id) == (DROP_BUCKET, "2021/2/23/café (in) +1.csv", "v1")


def test_a_later_event_has_the_greater_sequencer() -> None:
    first, second = (
        s3_notification(dropped("a.csv", moment), region=REGION)["Records"][0]["s3"]["object"]["sequencer"]
        for moment in (MOMENT, MOMENT.replace(minute=16))
    )

    assert first < second
