"""Files of every name and kind: each is in the ledger with its exact key and its outcome."""

import gzip
import time
from random import Random

import pytest

from e2e.branch_files import small_file
from e2e.pipeline import Pipeline

pytestmark = pytest.mark.e2e

ODD_KEYS = {
    "blanks": "2021/8/25/the leeds file (1).csv",
    "plus": "2021/8/25/leeds+bradford.csv",
    "percent": "2021/8/25/100%25 leeds %2B.csv",
    "umlaut": "2021/8/25/münchen.csv",
    "emoji": "2021/8/25/café ☕🥐.csv",
    "dots": "..//x.csv",
    "quotes": '2021/8/25/bishop\'s "stortford".csv',
    "equals": "a=b&c=d?e#f;g,h.csv",
    "backslash": "2021\\8\\25\\leeds.csv",
    "capitals": "2021/8/25/LEEDS.CSV",
    "long": "2021/8/25/" + "l" * 986 + ".csv",
}


def test_F07_a_file_of_any_name_is_loaded_and_found_under_its_exact_key(pipeline: Pipeline) -> None:
    files = {key: small_file(f"Odd {name}").body for name, key in ODD_KEYS.items()}

    outcomes = pipeline.drop(files)

    assert {key: (outcome.outcome, outcome.rows_loaded) for key, outcome in outcomes.items()} == dict.fromkeys(
        ODD_KEYS.values(), ("loaded", 3)
    )


def test_F08_F12_a_file_that_is_not_a_branch_file_or_has_no_orders_is_in_the_ledger_with_a_reason(
    pipeline: Pipeline,
) -> None:
    header = b"Timestamp,Location,Customer Name,Items Ordered,Total Amount,Payment Method,Card Number\n"

    outcomes = pipeline.drop({"odd/takings.xlsx": b"PK\x03\x04", "odd/empty.csv": b"", "odd/header.csv": header})

    assert {key: (outcome.outcome, outcome.reason, outcome.rows_in) for key, outcome in outcomes.items()} == {
        "odd/takings.xlsx": ("rejected", "unsupported_file", 0),
        "odd/empty.csv": ("empty", "", 0),
        "odd/header.csv": ("empty", "", 0),
    }


def test_F12_F21_a_file_of_another_system_becomes_sales_by_the_cafes_clock(pipeline: Pipeline) -> None:
    body = "2026-08-20T23:30:00.250Z,Odd Zone,René Tester,Tea - 1.00,1,Gift card,\n"

    outcomes = pipeline.drop({"odd/utf-16.csv": body.encode("utf-16"), "odd/cp1252.csv": body.encode("cp1252")})

    assert sorted((file.outcome, file.rows_loaded, file.rows_duplicate) for file in outcomes.values()) == [
        ("loaded", 0, 1),
        ("loaded", 1, 0),
    ]
    assert pipeline.rows(
        "select payment, cast(ordered_at as varchar) as ordered_at from core.orders"
        " inner join core.branches on branches.branch_id = orders.branch_id where branch_name = 'Odd Zone'"
    ) == [{"payment": "OTHER", "ordered_at": "2026-08-21 00:30:00"}]


def test_files_made_to_block_the_pipeline_end_with_a_reason_beside_innocent_ones(pipeline: Pipeline) -> None:
    noisy, packed, long, spaced = (small_file(f"Poison {number}", orders=1).body for number in range(4))
    letters = Random(1).randbytes(3_000_000).translate(bytes(b"xy"[code % 2] for code in range(256)))
    noise = bytearray(b"\n" * 2 * len(letters))
    noise[::2] = letters
    poison = {
        "odd/noise.csv.gz": gzip.compress(noisy + noise, 1),
        "odd/members.csv.gz": gzip.compress(b"") * 30_000 + gzip.compress(packed),
        "odd/long.csv": long
        + b"".join(b"20/11/2026 09:00,%d%b,Ada Tester,Tea - 1.00,1,CASH,\n" % (n, b"b" * 50_000) for n in range(400)),
        "odd/blank.csv": spaced.replace(b" - ", "\u00a0- ".encode()),
        "odd/.DS_Store": b"\0\0\0\1Bud1",
    }
    innocent = {f"odd/innocent-{number}.csv": small_file(f"Innocent {number}").body for number in range(9)}

    outcomes = pipeline.drop(poison | innocent)

    assert {key: outcomes[key].rows_loaded for key in innocent} == dict.fromkeys(innocent, 3)
    assert {key: (outcomes[key].outcome, outcomes[key].reason, outcomes[key].rows_loaded) for key in poison} == {
        "odd/noise.csv.gz": ("rejected", "few_orders", 0),
        "odd/members.csv.gz": ("loaded", "", 1),
        "odd/long.csv": ("loaded", "", 1),
        "odd/blank.csv": ("loaded", "", 1),
        "odd/.DS_Store": ("empty", "", 0),
    }


def test_F04_of_one_key_each_announced_version_is_read(pipeline: Pipeline) -> None:
    # Both versions exist before the first is read. A read without the version would read the second one twice.
    with pipeline.paused("extract"):
        older = pipeline.put("odd/twice.csv", small_file("Twice", orders=2).body)
        newer = pipeline.put("odd/twice.csv", small_file("Twice", orders=5).body)

    outcomes = pipeline.versions_of([older, newer])

    assert (outcomes[older].rows_in, outcomes[newer].rows_in) == (2, 5)


def test_F27_a_file_dropped_again_under_its_key_replaces_the_older_version(pipeline: Pipeline) -> None:
    pipeline.drop({"odd/corrected.csv": small_file("Corrected", orders=5).body})
    # S3 reports whole seconds, so the correction must be at least a second later.
    time.sleep(1.1)

    pipeline.drop({"odd/corrected.csv": small_file("Corrected", orders=2).body})

    (sold,) = pipeline.rows(
        "select count(*) as orders from core.orders as o"
        " inner join core.branches as b on b.branch_id = o.branch_id where b.branch_name = 'Corrected'"
    )
    assert sold == {"orders": 2}


def test_F05_a_version_hidden_before_it_is_read_is_loaded_and_an_erased_one_is_rejected(
    pipeline: Pipeline,
) -> None:
    with pipeline.paused("extract"):
        hidden = pipeline.put("odd/hidden.csv", small_file("Hidden").body)
        erased = pipeline.put("odd/erased.csv", small_file("Erased").body)
        bucket = pipeline.fact("drop/bucket/name")
        pipeline.client("s3").delete_object(Bucket=bucket, Key=hidden.key)
        pipeline.client("s3").delete_object(Bucket=bucket, Key=erased.key, VersionId=erased.version_id)

    outcomes = pipeline.versions_of([hidden, erased])

    assert (outcomes[hidden].outcome, outcomes[hidden].rows_loaded) == ("loaded", 3)
    assert (outcomes[erased].outcome, outcomes[erased].reason) == ("rejected", "gone")
