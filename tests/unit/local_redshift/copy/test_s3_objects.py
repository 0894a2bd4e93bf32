"""The objects that a COPY reads: listed in a manifest, opened ahead of need, handed over in order."""

import io
import json
import threading
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from local_redshift.copy.s3_objects import (
    HEAD_BYTES,
    OPEN_AHEAD,
    ObjectMissing,
    SourceObject,
    find_objects,
    open_in_order,
    parse_manifest,
)
from local_redshift.dialect.copy_statement import CopyFromS3
from local_redshift.errors import RedshiftError

ROLE = "arn:aws:iam::123456789012:role/copy"
LOAD = CopyFromS3('"t"', "t", (), "b", "m", ROLE)


class Stream(io.BytesIO):
    """A stream that a test can find closed."""


@dataclass
class Objects:
    """Objects in memory, and which were opened."""

    contents: dict[str, bytes]
    opened: list[str] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    together: threading.Barrier | None = None

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        """See ObjectReader."""
        assert (role, bucket) == (ROLE, "b")
        if self.together is not None:
            self.together.wait(60)
        self.opened.append(key)
        if key not in self.contents:
            raise ObjectMissing
        self.streams.append(Stream(self.contents[key]))
        return self.streams[-1]


def sources(*keys: str) -> list[SourceObject]:
    """Name objects."""
    return [SourceObject("b", key) for key in keys]


def contents(objects: Objects, *found: SourceObject) -> list[bytes]:
    """Read objects in order."""
    return [stream.read() for _, stream in open_in_order(objects, ROLE, found)]


def test_a_manifest_is_read() -> None:
    entries = [{"url": "s3://b/x", "mandatory": True}, {"url": "s3://c/y", "mandatory": True}]
    manifest = json.dumps({"entries": entries}).encode()

    assert find_objects(LOAD, Objects({"m": manifest})) == [SourceObject("b", "x"), SourceObject("c", "y")]


@pytest.mark.parametrize("entry", ['{"url": "s3://b/k"}', '{"url": "s3://b/k", "mandatory": false}'])
def test_an_object_that_redshift_would_skip_when_it_is_missing_is_not_imitated(entry: str) -> None:
    with pytest.raises(RedshiftError, match='without "mandatory": true is not imitated'):
        parse_manifest(f'{{"entries": [{entry}]}}'.encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"entries": []}', b'{"entries": [{}]}', b'{"entries": ["s3://b/k"]}', b"\xff"],
)
def test_a_malformed_manifest_is_an_error(content: bytes) -> None:
    with pytest.raises(RedshiftError, match="Problem reading manifest file"):
        parse_manifest(content)


def test_a_manifest_of_another_source_is_refused() -> None:
    with pytest.raises(RedshiftError, match="other than s3://"):
        parse_manifest(b'{"entries": [{"url": "https://b/k"}]}')


def test_objects_come_in_order_and_are_closed() -> None:
    keys = [str(number) for number in range(3 * OPEN_AHEAD)]
    objects = Objects({key: key.encode() for key in keys})

    assert contents(objects, *sources(*keys)) == [key.encode() for key in keys]
    assert all(stream.closed for stream in objects.streams)


def test_several_objects_are_opened_at_once() -> None:
    keys = [str(number) for number in range(2 * OPEN_AHEAD)]
    # Each waits for all the others: opened one by one, none would ever be returned.
    objects = Objects(dict.fromkeys(keys, b"x"), together=threading.Barrier(OPEN_AHEAD))

    assert contents(objects, *sources(*keys)) == [b"x"] * len(keys)


def test_only_a_few_objects_are_opened_ahead() -> None:
    keys = [str(number) for number in range(5 * OPEN_AHEAD)]
    objects = Objects(dict.fromkeys(keys, b"x"))
    opened = open_in_order(objects, ROLE, sources(*keys))

    next(opened)
    opened.close()  # type: ignore[attr-defined]

    assert len(objects.opened) <= OPEN_AHEAD
    assert all(stream.closed for stream in objects.streams)


def test_a_large_object_is_read_whole() -> None:
    large = bytes(range(256)) * (HEAD_BYTES // 100)

    assert contents(Objects({"k": large}), *sources("k")) == [large]


def test_a_missing_object_is_an_error() -> None:
    with pytest.raises(RedshiftError, match="Mandatory") as error:
        contents(Objects({"there": b"x"}), *sources("there", "gone"))
    assert error.value.detail == "s3://b/gone"
