"""What is listed of a bucket's versions: those of the prefix, all of them, in S3's order."""

from typing import Any

from cafe.local import emulator
from integration.local.conftest import Emulator

KEYS = ("a", "leeds.csv", "leeds.csv.gz", "leeds/1.csv", "york.csv", "é.csv")


def filled_bucket(aws: Emulator, name: str, keys: tuple[str, ...] = KEYS) -> Any:
    """Make a bucket with two versions of each key, and give S3's client."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": emulator.REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"older", b"newer!"):
        for key in keys:
            s3.put_object(Bucket=name, Key=key, Body=body)
    return s3


def listed(s3: Any, bucket: str, **options: Any) -> list[tuple[str, int]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **options)
    return [(version["Key"], version["Size"]) for page in pages for version in page.get("Versions", [])]


def both(*keys: str) -> list[tuple[str, int]]:
    """Both versions of each key, the newer first."""
    return [(key, size) for key in keys for size in (6, 5)]


def test_the_versions_of_a_prefix_are_listed_and_no_others(running_emulator: Emulator) -> None:
    s3 = filled_bucket(running_emulator, "versions-of-a-prefix")
    filled_bucket(running_emulator, "versions-of-a-prefix-2")

    lists = {
        prefix: listed(s3, "versions-of-a-prefix", Prefix=prefix) for prefix in ("", "leeds", "é", "york.csv", "z")
    }

    assert lists == {
        "": both(*KEYS),
        "leeds": both("leeds.csv", "leeds.csv.gz", "leeds/1.csv"),
        "é": both("é.csv"),
        "york.csv": both("york.csv"),
        "z": [],
    }


def test_a_list_goes_on_where_its_page_ended(running_emulator: Emulator) -> None:
    s3 = filled_bucket(running_emulator, "versions-in-pages")

    assert listed(s3, "versions-in-pages", Prefix="leeds", PaginationConfig={"PageSize": 1}) == both(
        "leeds.csv", "leeds.csv.gz", "leeds/1.csv"
    )


def test_what_is_deleted_for_good_is_not_listed(running_emulator: Emulator) -> None:
    s3 = filled_bucket(running_emulator, "versions-deleted", ("leeds.csv", "york.csv"))
    versions = s3.list_object_versions(Bucket="versions-deleted", Prefix="leeds")["Versions"]

    s3.delete_object(Bucket="versions-deleted", Key="leeds.csv", VersionId=versions[0]["VersionId"])
    s3.delete_object(Bucket="versions-deleted", Key="york.csv")

    assert listed(s3, "versions-deleted") == [("leeds.csv", 5), *both("york.csv")]
    (marker,) = s3.list_object_versions(Bucket="versions-deleted", Prefix="york")["DeleteMarkers"]
    assert marker["IsLatest"]
