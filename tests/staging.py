"""Send branch files through the real first two stages, to get load's messages and the objects that COPY reads."""

from collections.abc import Callable
from copy import replace
from datetime import datetime

from extract.arrivals import Arrival
from extract.stage import extract_file
from fakes import WRITTEN_AT, FakeObjects, FakeOutbox
from shared.contracts import ExtractedPart, TransformedPart, version_order_of
from shared.senders import HEAD_OFFICE_PREFIX
from transform.stage import transform_part

BUCKET = FakeObjects.bucket
# As in the template.
MOST_REMOVED_PERCENT = 33
DROP_BUCKET = "cafe-dev-drop-000000000000"


def stage_file(
    body: bytes,
    put: Callable[[str, bytes], None],
    *,
    key: str,
    version_id: str,
    re_extract: str = "",
    written_at: datetime = WRITTEN_AT,
    may_carry: bool = True,
) -> list[TransformedPart]:
    """Extract and transform a branch file that S3 wrote at ``written_at``; ``put`` gets each staged object.

    Unless ``may_carry``, the message of a small file is a pointer too. The file is extracted as head office's, which
    may send sales of any café and any day, whatever its ``key`` is.
    """
    objects = FakeObjects({key: body}, written_at=written_at)
    extracted, transformed = FakeOutbox(), FakeOutbox()
    arrival = Arrival(
        DROP_BUCKET, f"{HEAD_OFFICE_PREFIX}{key}", version_id, f"{written_at:%Y-%m-%dT%H:%M:%SZ}", len(body), re_extract
    )
    extract_file(arrival, objects, extracted)
    for message in extracted.sent:
        assert isinstance(message, ExtractedPart)
        transform_part(message, objects, transformed, may_carry=may_carry)
    for staged, content in objects.staged.items():
        put(staged, content)
    return [_with_key(message, key) for message in transformed.sent if isinstance(message, TransformedPart)]


def _with_key(part: TransformedPart, key: str) -> TransformedPart:
    return replace(part, file=replace(part.file, source=replace(part.file.source, key=key)))


def written_at_minute(parts: list[TransformedPart], minute: int, place: int = 0) -> list[TransformedPart]:
    """Pretend that S3 wrote the file at a minute of the evening, as version ``place`` of that second."""
    written = f"2026-11-20T20:{minute:02}:00Z"

    def moved(part: TransformedPart) -> TransformedPart:
        source = part.file.source
        re_extract = source.version_order.split(" ")[2:]
        order = version_order_of(written, place, *re_extract)
        return replace(
            part, file=replace(part.file, source=replace(source, last_modified=written, version_order=order))
        )

    return [moved(part) for part in parts]
