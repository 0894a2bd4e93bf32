"""What is measured, each in a fresh process: ``python -m bench.workloads NAME BRANCH_FILE FOLDER``.

A workload prints one line of JSON: its processor seconds without imports, or its peak memory. The folder replaces S3
and SQS: it gets what the stages write, and the messages that they send to each other.
"""

import csv
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, time
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any, cast

from bench.folder_aws import DROP_BUCKET, STAGING_BUCKET, WRITTEN_AT, FolderS3, ListSqs
from bench.peak import peak_bytes
from extract.arrivals import Arrival
from extract.objects import S3Objects as ExtractObjects
from extract.stage import extract_file
from shared.contracts import TransformedPart, decode_extracted_part, decode_transformed_part
from shared.outbox import SqsOutbox
from shared.senders import HEAD_OFFICE
from transform.objects import S3Objects as TransformObjects
from transform.stage import transform_part

type Result = dict[str, float]

# Importing a handler reads these and builds its clients. The clients are never used.
HANDLER_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "COPY_ROLE_ARN": "arn:aws:iam::000000000000:role/copy",
    "MOST_REMOVED_PERCENT": "33",
    "ENVIRONMENT": "local",
    "MORNING_TOPIC_ARN": "",
    "NEXT_QUEUE_URL": "none",
    "OLDEST_SALE_DAYS": "60",
    "POWERTOOLS_METRICS_NAMESPACE": "Cafe",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "STAGING_BUCKET": STAGING_BUCKET,
    "WAREHOUSE_DATABASE": "cafe",
    "WAREHOUSE_HOST": "none",
    "WAREHOUSE_PORT": "5439",
    "WAREHOUSE_SECRET_ARN": "none",
}


def csv_reader(branch_file: Path, _folder: Path) -> Result:
    """Read the file with csv.reader and drop its rows."""
    started = process_time()
    with branch_file.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    return {"seconds": process_time() - started}


def stages(branch_file: Path, folder: Path) -> Result:
    """Run extract, then transform on each of its parts."""
    started = process_time()
    extract(branch_file, folder)
    extracted = process_time()
    transform(folder)
    ended = process_time()
    return {
        "seconds": ended - started,
        "extract": extracted - started,
        "transform": ended - extracted,
        "rows": sum(part.orders for part in _transformed(folder)),
        "peak_bytes": peak_bytes(),
    }


def stages_of_many(branch_files: Path, folder: Path) -> Result:
    """Run `stages` on each file of a folder."""
    results = [stages(file, folder / file.stem) for file in sorted(branch_files.iterdir())]
    totals = {name: sum(result[name] for result in results) for name in ("seconds", "extract", "transform", "rows")}
    return {**totals, "peak_bytes": peak_bytes()}


def simple_stages(branch_file: Path, folder: Path) -> Result:
    """Do the same work as `stages`, row by row."""
    from bench import row_by_row

    last_sale = datetime.combine(WRITTEN_AT.date(), time.max)
    started = process_time()
    for part in row_by_row.extract(branch_file, folder / STAGING_BUCKET, last_sale):
        row_by_row.transform(part, folder / STAGING_BUCKET, "0" * 32)
    return {"seconds": process_time() - started}


def extract_memory(branch_file: Path, folder: Path) -> Result:
    """Run extract with everything imported that its function imports."""
    before = _function_imported("extract")
    extract(branch_file, folder)
    return {"imported_bytes": before, "peak_bytes": peak_bytes()}


def transform_memory(_branch_file: Path, folder: Path) -> Result:
    """Run transform on all parts of extract, as one warm function with all its imports."""
    before = _function_imported("transform")
    transform(folder)
    return {"imported_bytes": before, "peak_bytes": peak_bytes()}


def load_memory(_branch_file: Path, folder: Path) -> Result:
    """Run load on the messages of all parts in one transaction, with all its imports."""
    before = _function_imported("load")
    from bench.warehouse_double import DoubleSession
    from load.objects import S3Objects as LoadObjects
    from load.stage import LoadOptions, load_in_one_transaction

    parts = _transformed(folder)
    objects = LoadObjects(cast(Any, FolderS3(folder)), STAGING_BUCKET)
    options = LoadOptions(
        objects, HANDLER_ENVIRONMENT["COPY_ROLE_ARN"], float(HANDLER_ENVIRONMENT["MOST_REMOVED_PERCENT"])
    )
    (ended,) = load_in_one_transaction(parts, DoubleSession(parts), options, "bench")
    return {"imported_bytes": before, "peak_bytes": peak_bytes(), "rows": ended.rows_in}


def extract(branch_file: Path, folder: Path) -> None:
    """Extract a branch file as its function does; keep the messages in the folder."""
    drop = folder / DROP_BUCKET / HEAD_OFFICE
    drop.mkdir(parents=True, exist_ok=True)
    (drop / "branch.csv").symlink_to(branch_file.resolve())
    arrival = Arrival(DROP_BUCKET, f"{HEAD_OFFICE}/branch.csv", "null", "2026-11-20T20:00:00Z", 0)
    objects, queue = ExtractObjects(cast(Any, FolderS3(folder)), STAGING_BUCKET), ListSqs()
    outbox = SqsOutbox(cast(Any, queue), "extracted")
    extract_file(arrival, objects, outbox)
    outbox.hand_on()
    _send(folder, "extracted", queue.bodies)


def transform(folder: Path) -> None:
    """Transform all parts in extract's messages; keep the messages in the folder."""
    objects, queue = TransformObjects(cast(Any, FolderS3(folder)), STAGING_BUCKET), ListSqs()
    outbox = SqsOutbox(cast(Any, queue), "transformed")
    for body in _received(folder, "extracted"):
        transform_part(decode_extracted_part(body), objects, outbox, may_carry=False)
    outbox.hand_on()
    _send(folder, "transformed", queue.bodies)


def _send(folder: Path, queue: str, bodies: list[str]) -> None:
    (folder / f"{queue}.json").write_text(json.dumps(bodies), encoding="utf-8")


def _received(folder: Path, queue: str) -> list[str]:
    return cast(list[str], json.loads((folder / f"{queue}.json").read_text(encoding="utf-8")))


def _transformed(folder: Path) -> list[TransformedPart]:
    return [decode_transformed_part(body) for body in _received(folder, "transformed")]


def _function_imported(stage: str) -> int:
    """Import a stage's handler with its clients, as Lambda does; return the peak memory so far."""
    os.environ.update(HANDLER_ENVIRONMENT)
    import_module(f"{stage}.handler")
    return peak_bytes()


WORKLOADS: dict[str, Callable[[Path, Path], Result]] = {
    workload.__name__: workload
    for workload in (csv_reader, stages, stages_of_many, simple_stages, extract_memory, transform_memory, load_memory)
}


if __name__ == "__main__":
    # Use one processor: the last, because the first handles most interrupts.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    name, branch_file, folder = sys.argv[1:]
    sys.stdout.write(json.dumps(WORKLOADS[name](Path(branch_file), Path(folder))))
