"""The stages' access to S3: exact versions, streaming, and errors of the service as the pipeline's own errors."""

import gzip
import io
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3.exceptions import ProtocolError, ReadTimeoutError

import extract.objects
import load.objects
import transform.objects
from extract.arrivals import Arrival
from extract.rules import FileReason, UnreadableBranchFile
from integration.adapters.conftest import DROP, STAGING, Aws
from shared.aws_errors import ServiceUnavailable
from shared.errors import TransientError

KEY = "2026/11/20/leeds ü (1).csv"
# A service's message may quote what was sent to it. No error of the pipeline repeats it.
SERVICE_MESSAGE = "Please reduce your request rate, Ada Tester 4111111111111111"


def arrival(version_id: str, key: str = KEY) -> Arrival:
    return Arrival(DROP, key, version_id, "2026-11-20T20:00:07Z", 0)


def read(objects: extract.objects.S3Objects, version_id: str) -> bytes:
    return b"".join(objects.open(arrival(version_id)).chunks)


# --- extract: the announced version


def test_F04_each_version_of_a_key_is_read_as_it_was_announced(aws: Aws) -> None:
    older, newer = aws.put(KEY, b"older"), aws.put(KEY, b"newer, and longer")
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)

    assert (read(objects, older), read(objects, newer)) == (b"older", b"newer, and longer")


def test_a_file_has_its_size_and_the_time_it_was_written(aws: Aws) -> None:
    version_id = aws.put(KEY, b"12345")

    stored = extract.objects.S3Objects(aws.client("s3"), STAGING).open(arrival(version_id))

    with closing(stored.chunks):
        assert stored.size_bytes == 5
        assert abs(datetime.now(UTC) - stored.written_at).total_seconds() < 3600


def test_a_bucket_without_versions_is_read_by_key_alone(aws: Aws) -> None:
    aws.client("s3").put_object(Bucket=STAGING, Key=KEY, Body=b"unversioned")
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)

    stored = objects.open(Arrival(STAGING, KEY, "null", "2026-11-20T20:00:07Z", 0))

    assert b"".join(stored.chunks) == b"unversioned"


def erased(aws: Aws, version_id: str) -> Arrival:
    aws.client("s3").delete_object(Bucket=DROP, Key=KEY, VersionId=version_id)
    return arrival(version_id)


def never_there(_aws: Aws, _version_id: str) -> Arrival:
    return arrival("null", key="2026/11/20/never.csv")


def deleted_without_its_version(aws: Aws, _version_id: str) -> Arrival:
    aws.client("s3").delete_object(Bucket=DROP, Key=KEY)
    return arrival("null")


def a_delete_marker(aws: Aws, _version_id: str) -> Arrival:
    return arrival(aws.client("s3").delete_object(Bucket=DROP, Key=KEY)["VersionId"])


@pytest.mark.parametrize("case", [erased, never_there, deleted_without_its_version, a_delete_marker])
def test_F05_a_file_that_no_longer_exists_is_gone(aws: Aws, case: Callable[[Aws, str], Arrival]) -> None:
    announced = case(aws, aws.put(KEY, b"soon gone"))

    with pytest.raises(UnreadableBranchFile) as caught:
        extract.objects.S3Objects(aws.client("s3"), STAGING).open(announced)

    assert caught.value.reason is FileReason.GONE


def test_an_archived_file_is_rejected(aws: Aws) -> None:
    answer = aws.client("s3").put_object(Bucket=DROP, Key=KEY, Body=b"cold", StorageClass="GLACIER")

    with pytest.raises(UnreadableBranchFile) as caught:
        extract.objects.S3Objects(aws.client("s3"), STAGING).open(arrival(answer["VersionId"]))

    assert caught.value.reason is FileReason.UNREADABLE_OBJECT


def test_a_file_that_its_sender_encrypted_is_rejected(aws: Aws) -> None:
    # Moto gives such an object to anybody. This is S3's answer.
    s3 = aws.client("s3")
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", "InvalidRequest", SERVICE_MESSAGE)

        with pytest.raises(UnreadableBranchFile) as caught:
            extract.objects.S3Objects(s3, STAGING).open(arrival("v1"))

    assert caught.value.reason is FileReason.UNREADABLE_OBJECT
    assert "Ada" not in str(caught.value)


def test_a_version_under_a_delete_marker_is_still_read(aws: Aws) -> None:
    version_id = aws.put(KEY, b"still here")
    aws.client("s3").delete_object(Bucket=DROP, Key=KEY)

    assert read(extract.objects.S3Objects(aws.client("s3"), STAGING), version_id) == b"still here"


# --- extract: the order of versions


OTHER_KEY = "2026/11/20/york.csv"


@pytest.mark.parametrize("announced", [[], [KEY], [KEY, OTHER_KEY]], ids=["nothing", "one file", "two of a folder"])
@pytest.mark.parametrize("most", [200, 4], ids=["a folder in one list", "a larger folder"])
def test_F03_versions_of_one_second_are_counted_from_the_oldest(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, announced: list[str], most: int
) -> None:
    monkeypatch.setattr(extract.objects, "MOST_LISTED_IN_FOLDER", most)
    versions = [aws.put(KEY, f"version {place}".encode()) for place in range(3)]
    # The list for a key includes longer keys that begin with it, and that of its folder every key there.
    aws.put(f"{KEY}.gz", b"another file")
    aws.put(OTHER_KEY, b"another file")
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)
    written = objects.open(arrival(versions[0])).written_at
    same_second(objects, written)

    objects.announce(arrival(versions[0], key) for key in announced)

    assert [objects.earlier_in_second(arrival(version), written) for version in versions] == [0, 1, 2]


def test_the_files_of_a_folder_share_one_list_until_the_next_batch(aws: Aws) -> None:
    keys = [KEY, OTHER_KEY, "2026/11/20/hull.csv"]
    versions = [arrival(aws.put(key, b"sales"), key) for key in keys]
    alone = arrival(aws.put("2026/11/21/leeds.csv", b"sales"), "2026/11/21/leeds.csv")
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)
    written = objects.open(alone).written_at
    listed = prefixes_listed(objects)

    objects.announce([*versions, alone])
    for each in [*versions, alone]:
        objects.earlier_in_second(each, written)
    assert listed == ["2026/11/20/", alone.key]

    objects.announce(versions[:1])
    objects.earlier_in_second(versions[0], written)
    assert listed[2:] == [KEY]


def test_a_later_batch_sees_the_versions_that_came_since(aws: Aws) -> None:
    first = [arrival(aws.put(key, b"sales"), key) for key in (KEY, OTHER_KEY)]
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)
    written = objects.open(first[0]).written_at
    same_second(objects, written)
    objects.announce(first)
    assert [objects.earlier_in_second(each, written) for each in first] == [0, 0]

    second = [arrival(aws.put(key, b"corrected"), key) for key in (KEY, OTHER_KEY)]
    objects.announce(second)

    assert [objects.earlier_in_second(each, written) for each in second] == [1, 1]


def test_files_at_the_top_of_the_bucket_are_listed_one_by_one(aws: Aws) -> None:
    """A list of the whole bucket would not do."""
    versions = [arrival(aws.put(key, b"sales"), key) for key in ("leeds.csv", "york.csv")]
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)
    listed = prefixes_listed(objects)

    objects.announce(versions)
    for each in versions:
        objects.earlier_in_second(each, datetime.now(UTC))

    assert listed == ["leeds.csv", "york.csv"]


def prefixes_listed(objects: extract.objects.S3Objects) -> list[str]:
    """Return a list that gets the prefix of each request for versions."""
    prefixes: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        prefixes.append(params["Prefix"])

    objects._s3.meta.events.register("before-parameter-build.s3.ListObjectVersions", note)
    return prefixes


def same_second(objects: extract.objects.S3Objects, second: datetime) -> None:
    """Let S3 report that all versions were written in one second. Its lists may contain fractions of a second."""

    def changed(parsed: dict[str, Any], **_: object) -> None:
        for version in parsed["Versions"]:
            version["LastModified"] = second.replace(microsecond=123_000)

    objects._s3.meta.events.register("after-call.s3.ListObjectVersions", changed)


def test_versions_of_other_seconds_do_not_count(aws: Aws) -> None:
    older, newer = aws.put(KEY, b"older"), aws.put(KEY, b"newer")
    objects = extract.objects.S3Objects(aws.client("s3"), STAGING)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)

    assert [objects.earlier_in_second(arrival(version), later) for version in (older, newer)] == [0, 0]


# --- streaming


class Stream(io.BytesIO):
    """Bytes from a connection that records the size of each read, and may break off after some bytes."""

    def __init__(self, content: bytes, broken_by: Exception | None = None) -> None:
        super().__init__(content)
        self.reads: list[int] = []
        self._broken_by = broken_by

    def read(self, amount: int | None = -1, /) -> bytes:
        content = super().read(amount)
        self.reads.append(len(content))
        if not content and self._broken_by:
            raise self._broken_by
        return content


def s3_that_answers(aws: Aws, stream: Stream, length: int | None = None) -> Any:
    """Create a client whose next get_object returns a stream."""
    s3, length = aws.client("s3"), length or len(stream.getvalue())
    stubber = Stubber(s3)
    body = StreamingBody(stream, length)
    stubber.add_response(
        "get_object", {"Body": body, "ContentLength": length, "LastModified": datetime(2026, 11, 20, tzinfo=UTC)}
    )
    stubber.activate()
    return s3


def test_a_file_is_read_in_chunks_when_they_are_needed(aws: Aws) -> None:
    stream = Stream(b"x" * (3 * extract.objects.CHUNK_BYTES + 1))
    stored = extract.objects.S3Objects(s3_that_answers(aws, stream), STAGING).open(arrival("v1"))

    with closing(stored.chunks):
        next(stored.chunks)
        read_for_one = list(stream.reads)
        sizes = [len(chunk) for chunk in stored.chunks]

    assert read_for_one == [extract.objects.CHUNK_BYTES]
    assert sizes == [extract.objects.CHUNK_BYTES, extract.objects.CHUNK_BYTES, 1]
    assert stream.closed


def test_extract_closes_a_file_that_is_not_read_to_its_end(aws: Aws) -> None:
    stream = Stream(b"x" * (2 * extract.objects.CHUNK_BYTES))
    stored = extract.objects.S3Objects(s3_that_answers(aws, stream), STAGING).open(arrival("v1"))

    next(stored.chunks)
    stored.chunks.close()

    assert stream.closed


def test_transform_closes_a_part_that_is_not_read_to_its_end(aws: Aws) -> None:
    stream = Stream(gzip.compress(bytes(range(256)) * 4096, compresslevel=0))
    lines = transform.objects.S3Objects(s3_that_answers(aws, stream), STAGING).lines("extracted/part.tsv.gz")

    next(lines)
    lines.close()

    assert stream.closed


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(None, "", SERVICE_MESSAGE),  # type: ignore[arg-type]
        ProtocolError(SERVICE_MESSAGE),
        ConnectionResetError(SERVICE_MESSAGE),
        None,
    ],
    ids=["time-out", "broken off", "reset", "fewer bytes than promised"],
)
def test_a_connection_that_breaks_off_in_a_file_is_tried_again(aws: Aws, fault: Exception | None) -> None:
    stream = Stream(b"25/08/2021 09:00,Leeds,Ada Tester,", broken_by=fault)
    objects = extract.objects.S3Objects(s3_that_answers(aws, stream, length=1_000), STAGING)

    with pytest.raises(TransientError) as caught:
        b"".join(objects.open(arrival("v1")).chunks)

    assert "Ada" not in str(caught.value)
    assert stream.closed


def test_a_connection_that_breaks_off_in_a_part_is_tried_again(aws: Aws) -> None:
    stream = Stream(gzip.compress(b"row\n"), broken_by=ConnectionResetError(SERVICE_MESSAGE))
    objects = transform.objects.S3Objects(s3_that_answers(aws, stream, length=1_000), STAGING)

    with pytest.raises(TransientError) as caught:
        list(objects.lines("extracted/part.tsv.gz"))

    assert "Ada" not in str(caught.value)


# --- parts and tables


def test_a_part_is_read_line_by_line_whatever_the_size_of_its_blocks(aws: Aws) -> None:
    lines = [f"{number}\tLeeds {'é' * (number % 7)}".encode() for number in range(50_000)]
    body = gzip.compress(b"".join(line + b"\n" for line in lines))
    aws.client("s3").put_object(Bucket=STAGING, Key="part", Body=body)

    blocks = list(transform.objects.S3Objects(aws.client("s3"), STAGING).lines("part"))

    assert len(blocks) > 1
    assert [line for block in blocks for line in block] == lines


@pytest.mark.parametrize(
    "stage", [extract.objects, transform.objects, load.objects], ids=["extract", "transform", "load"]
)
def test_every_stage_writes_objects_whole_and_over_older_ones(aws: Aws, stage: Any) -> None:
    objects = stage.S3Objects(aws.client("s3"), STAGING)

    objects.put("some/key", b"a first try")
    objects.put("some/key", b"the same again")

    assert aws.client("s3").get_object(Bucket=STAGING, Key="some/key")["Body"].read() == b"the same again"


# --- errors of the service


@pytest.mark.parametrize(
    ("code", "status"),
    [("SlowDown", 503), ("InternalError", 500), ("AccessDenied", 403), ("RequestTimeout", 400), ("NoSuchBucket", 404)],
)
@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("get_object", lambda s3: extract.objects.S3Objects(s3, STAGING).open(arrival("v1"))),
        ("put_object", lambda s3: extract.objects.S3Objects(s3, STAGING).put("key", b"")),
        ("get_object", lambda s3: list(transform.objects.S3Objects(s3, STAGING).lines("key"))),
        ("put_object", lambda s3: transform.objects.S3Objects(s3, STAGING).put("key", b"")),
        ("put_object", lambda s3: load.objects.S3Objects(s3, STAGING).put("key", b"")),
    ],
    ids=["extract reads", "extract writes", "transform reads", "transform writes", "load writes"],
)
def test_F42_an_error_of_s3_is_tried_again_and_reported_by_its_code_alone(
    aws: Aws, method: str, call: Callable[[Any], object], code: str, status: int
) -> None:
    s3 = aws.client("s3")
    stubber = Stubber(s3)
    stubber.add_client_error(method, code, SERVICE_MESSAGE, status)

    with stubber, pytest.raises(ServiceUnavailable) as caught:
        call(s3)

    assert caught.value.code == code
    assert code in str(caught.value)
    assert "Ada" not in str(caught.value)


def test_the_register_is_written_only_if_nobody_changed_it(aws: Aws) -> None:
    objects, others = (extract.objects.S3Objects(aws.client("s3"), STAGING) for _ in range(2))
    assert objects.read_register() == ("", "")

    etag = objects.write_register("first", "")
    assert others.write_register("of somebody else, who found none", "") == ""
    assert objects.read_register() == ("first", etag)
    newer = others.write_register("second", etag)
    assert objects.write_register("of somebody who knows the first", etag) == ""

    assert objects.read_register() == ("second", newer)


def test_a_key_can_be_claimed_once(aws: Aws) -> None:
    objects = load.objects.S3Objects(aws.client("s3"), STAGING)

    assert [objects.claim(key) for key in ("mornings/1", "mornings/1", "mornings/2")] == [True, False, True]


@pytest.mark.parametrize(
    ("code", "status"), [("ConditionalRequestConflict", 409), ("SlowDown", 503)], ids=["another's", "a hiccup"]
)
def test_a_claim_is_not_made_when_another_is_in_work_and_is_tried_again_after_a_hiccup(
    aws: Aws, code: str, status: int
) -> None:
    s3 = aws.client("s3")
    objects = load.objects.S3Objects(s3, STAGING)

    with Stubber(s3) as stub:
        stub.add_client_error("put_object", code, SERVICE_MESSAGE, status)
        if code == "SlowDown":
            with pytest.raises(ServiceUnavailable, match="claiming"):
                objects.claim("mornings/1")
        else:
            assert objects.claim("mornings/1") is False
