"""Count the statements of a load, and their distinct forms: a warehouse that just woke compiles each form again."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol, cast

from redshift_connector.core import Connection

from bench.figures import Figure
from bench.folder_aws import DROP_BUCKET, STAGING_BUCKET, WRITTEN_AT, FolderS3, ListSqs
from bench.marts import connect, empty_warehouse
from cafe.errors import CafeError
from extract.arrivals import Arrival
from extract.objects import S3Objects as ExtractObjects
from extract.stage import extract_file
from load.plan import LOADED
from load.schema import migrate
from load.stage import LoadOptions, create_stage_tables, load_in_one_transaction
from load.warehouse import RedshiftSession
from local_redshift.copy.s3_objects import ObjectMissing
from shared.contracts import TransformedPart, decode_extracted_part, decode_transformed_part
from shared.outbox import SqsOutbox
from shared.senders import HEAD_OFFICE
from transform.objects import S3Objects as TransformObjects
from transform.stage import transform_part

COPY_ROLE = "arn:aws:iam::123456789012:role/copy"
# The limit for each kind of load, BEGIN, LOCK, SET and COMMIT included. Each file has a refused row.
MOST_STATEMENTS = {
    "the first file, of a new café": 24,
    "one file": 22,
    "a file that is delivered again": 5,
    "its orders under another key": 25,
    "a correction": 33,
    "63 files at once": 38,
}
MANY_FILES = 63  # the number of up to 100 for which the inserts need the most statements
# Each COPY names its own manifest.
_MANIFEST = re.compile(r"s3://[^']+")


class NotALoad(CafeError):
    """A file of the benchmark was not loaded."""


class Objects(Protocol):
    """Where COPY finds its objects."""

    def put(self, bucket: str, key: str, content: bytes) -> object:
        """Keep an object."""


@dataclass
class KeptObjects:
    """Objects in memory, for COPY to read."""

    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """See Objects."""
        self.contents[bucket, key] = content

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        """See ObjectReader."""
        del role
        if (bucket, key) not in self.contents:
            raise ObjectMissing
        return io.BytesIO(self.contents[bucket, key])


@dataclass
class StagingBucket:
    """The staging bucket, as load writes manifests into it."""

    objects: Objects
    bucket: str = STAGING_BUCKET

    def put(self, key: str, body: bytes) -> None:
        """See load.objects.Objects."""
        self.objects.put(self.bucket, key, body)


def measure() -> list[Figure]:
    """Count the statements of each kind of load on a temporary warehouse."""
    objects = KeptObjects()
    with empty_warehouse(objects, [COPY_ROLE]) as (endpoint, _):
        counted = count_statements(lambda: connect(endpoint), objects, COPY_ROLE)
    forms = len({form for load in counted.values() for form in load})
    return [
        Figure(
            f"statements: {name}",
            len(counted[name]),
            limit,
            "",
            f"{len(set(counted[name]))} distinct forms, of {forms} in all loads; BEGIN, LOCK, SET and COMMIT included",
        )
        for name, limit in MOST_STATEMENTS.items()
    ]


def count_statements(open_connection: Callable[[], Connection], objects: Objects, role: str) -> Mapping[str, list[str]]:
    """Run each load of MOST_STATEMENTS over one session, in their order; return the forms of its statements."""
    session = RedshiftSession(connection := open_connection())
    migrate(session)
    create_stage_tables(session)
    forms: list[str] = []
    execute = connection.execute

    def recorded(cursor: Any, operation: str, values: Any) -> None:
        forms.append(_MANIFEST.sub("s3://", operation))
        execute(cursor, operation, values)

    # The driver sends everything through this, BEGIN and COMMIT too.
    connection.execute = recorded  # type: ignore[method-assign, assignment]
    options = LoadOptions(StagingBucket(objects), role, 33)
    counted = {}
    for number, (name, parts) in enumerate(_loads(objects).items()):
        forms.clear()
        files = load_in_one_transaction(parts, session, options, f"batch-{number}")
        if unread := {file.outcome for file in files} - {LOADED}:
            raise NotALoad(f"{name}: a file is {', '.join(unread)}, so its statements are not those of a load.")
        counted[name] = list(forms)
    session.close()
    return counted


def _loads(objects: Objects) -> dict[str, list[TransformedPart]]:
    """Stage the files of each load."""
    first, second = _stage(objects, "leeds.csv", 9), _stage(objects, "leeds later.csv", 10)
    many = [
        part
        for number in range(MANY_FILES)
        for part in _stage(objects, f"leeds {number}.csv", 12 + number // 60, number % 60)
    ]
    correction = _stage(objects, "leeds.csv", 9, 3, re_extract="20261124T051200Z")
    loads = [first, second, second, _stage(objects, "leeds copy.csv", 10), correction, many]
    return dict(zip(MOST_STATEMENTS, loads, strict=True))


def _stage(objects: Objects, key: str, hour: int, minute: int = 0, *, re_extract: str = "") -> list[TransformedPart]:
    """Extract and transform a file of two orders, of that time, and a row that is refused; keep its objects."""
    rows = (
        f"20/11/2026 {hour}:{minute:02},Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
        f"20/11/2026 {hour + 1}:{minute:02},Leeds,Ben Sample,Cake - 3.00,3.00,CARD,\n"
        "31/11/2026 09:00,Leeds,Cy Example,Cake - 3.00,3.00,CASH,\n"
    )
    return stage_file(objects, f"{HEAD_OFFICE}/{key}", rows.encode(), re_extract=re_extract)


def stage_file(objects: Objects, key: str, body: bytes, *, re_extract: str = "") -> list[TransformedPart]:
    """Extract and transform a branch file; keep its objects, and return the messages that load gets."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        s3: Any = FolderS3(folder)
        s3.put_object(Bucket=DROP_BUCKET, Key=key, Body=body)
        arrival = Arrival(DROP_BUCKET, key, "null", f"{WRITTEN_AT:%Y-%m-%dT%H:%M:%SZ}", len(body), re_extract)
        extracted, transformed = ListSqs(), ListSqs()
        outbox = SqsOutbox(cast(Any, extracted), "extracted")
        extract_file(arrival, ExtractObjects(s3, STAGING_BUCKET), outbox)
        outbox.hand_on()
        outbox = SqsOutbox(cast(Any, transformed), "transformed")
        for message in extracted.bodies:
            transform_part(decode_extracted_part(message), TransformObjects(s3, STAGING_BUCKET), outbox)
        outbox.hand_on()
        for path in (folder / STAGING_BUCKET).rglob("*.gz"):
            objects.put(STAGING_BUCKET, path.relative_to(folder / STAGING_BUCKET).as_posix(), path.read_bytes())
    return [decode_transformed_part(message) for message in transformed.bodies]
