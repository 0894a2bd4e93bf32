"""Names of branch files, and their keys in the drop bucket."""

from datetime import date
from pathlib import Path

import pytest

from cafe.drop_keys import branch_tag, drop_key, head_office_key
from cafe.generate.cafes import ISLE_OF_WIGHT, KNOWN_CAFES, Cafe
from cafe.generate.dialects import Dialect, Feed
from cafe.generate.filenames import Renaming, file_name
from cafe.generate.history import BranchDay

TODAY = date(2026, 11, 3)
BY_NAME = {cafe.name: cafe for cafe in (*KNOWN_CAFES, ISLE_OF_WIGHT, Cafe("Bell & Crown", 5))}


@pytest.mark.parametrize(
    ("branch", "dialect", "renaming", "expected"),
    [
        pytest.param("Leeds", Dialect(), Renaming.NONE, "leeds_09-05-2023_09-00-00.csv", id="feed b"),
        pytest.param(
            "Newcastle upon Tyne",
            Dialect(),
            Renaming.NONE,
            "newcastle_upon_tyne_09-05-2023_08-00-00.csv",
            id="opens at eight",
        ),
        pytest.param(
            "Southend-on-Sea",
            Dialect(gzip=True),
            Renaming.NONE,
            "southend-on-sea_09-05-2023_09-00-00.csv.gz",
            id="gzip",
        ),
        pytest.param("Bell & Crown", Dialect(), Renaming.NONE, "bell_&_crown_09-05-2023_09-00-00.csv", id="ampersand"),
        pytest.param("Isle of Wight", Dialect(feed=Feed.A), Renaming.NONE, "2023-05-09-isle-of-wight.csv", id="feed a"),
        pytest.param("Leeds", Dialect(), Renaming.DONE, "leeds_09-05-2023_09-00-00_done.csv", id="done"),
        pytest.param("Leeds", Dialect(), Renaming.EXCEL, "leeds_09-05-2023_09-00-00(in).csv", id="Excel"),
        pytest.param("Leeds", Dialect(), Renaming.COPY, "leeds_09-05-2023_09-00-00 copy.csv", id="copy"),
        pytest.param("Leeds", Dialect(), Renaming.BACKUP, "leeds.backup.csv", id="backup"),
        pytest.param("Leeds", Dialect(), Renaming.UNDATED, "leeds.csv", id="undated"),
    ],
)
def test_a_file_is_named_as_tills_write_or_people_rename_it(
    branch: str, dialect: Dialect, renaming: Renaming, expected: str
) -> None:
    branch_day = BranchDay(BY_NAME[branch], date(2023, 5, 9), 1, dialect.feed, seed=1)

    assert file_name(branch_day, dialect, renaming) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("leeds_09-05-2023_09-00-00.csv", "2023/5/9/leeds_09-05-2023_09-00-00.csv", id="feed b"),
        pytest.param("2021-02-23-isle-of-wight.csv", "2021/2/23/2021-02-23-isle-of-wight.csv", id="feed a"),
        pytest.param("a/b/leeds_09-05-2023_09-00-00(in).csv", "2023/5/9/leeds_09-05-2023_09-00-00(in).csv", id="noise"),
        pytest.param("25-08-2021 leeds copy.csv", "2021/8/25/25-08-2021 leeds copy.csv", id="date first, blanks kept"),
        pytest.param("leeds_09-05-2023.csv.gz", "2023/5/9/leeds_09-05-2023.csv.gz", id="date without a time"),
        pytest.param(
            "york_01-01-2020_02-03-2021_09-00-00.csv",
            "2021/3/2/york_01-01-2020_02-03-2021_09-00-00.csv",
            id="last date",
        ),
        pytest.param("chesterfield.csv", "2026/11/3/chesterfield.csv", id="no date: today"),
        pytest.param(
            "leeds_45-13-2021_09-00-00.csv", "2026/11/3/leeds_45-13-2021_09-00-00.csv", id="no such date: today"
        ),
        pytest.param("leeds_109-05-20234.csv", "2026/11/3/leeds_109-05-20234.csv", id="longer digits are no date"),
        pytest.param("Łódź_09-05-2023_09-00-00.csv", "2023/5/9/Łódź_09-05-2023_09-00-00.csv", id="any letters"),
        pytest.param("report.pdf", "2026/11/3/report.pdf", id="whatever it is"),
    ],
)
def test_a_key_has_the_date_without_leading_zeros(path: str, expected: str) -> None:
    assert drop_key(Path(path), TODAY) == expected


def test_the_key_of_a_name_without_a_date_has_some_day() -> None:
    assert drop_key(Path("chesterfield.csv")).endswith("/chesterfield.csv")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("history/2021/2/23/chesterfield.csv", "head-office/2021/2/23/chesterfield.csv"),
        ("leeds_09-05-2023_09-00-00.csv", "head-office/2023/5/9/leeds_09-05-2023_09-00-00.csv"),
        ("tonight/09-05-2023 chesterfield copy.csv", "head-office/2023/5/9/09-05-2023 chesterfield copy.csv"),
        ("bucket/head-office/2021/2/23/chesterfield.csv", "head-office/2021/2/23/chesterfield.csv"),
        ("bucket/head-office/old tills/all.csv", "head-office/old tills/all.csv"),
        ("head-office/old/head-office/new/all.csv", "head-office/new/all.csv"),
        ("head-office/history/2021/2/23/chesterfield.csv", "head-office/2021/2/23/chesterfield.csv"),
    ],
    ids=["dated folders", "feed b", "any name", "downloaded", "another layout", "twice", "a folder of that name"],
)
def test_head_offices_key_is_below_its_prefix(path: str, expected: str) -> None:
    assert head_office_key(Path(path)) == expected


@pytest.mark.parametrize(
    ("cafe", "key", "tag"),
    [
        ("Leeds", "2021/8/25/leeds_25-08-2021_09-00-00.csv", "leeds"),
        ("Newcastle upon  Tyne", "2021/8/25/york_25-08-2021_09-00-00.csv", "newcastle_upon_tyne"),
        ("Southend-on-Sea", "2021/8/25/leeds_25-08-2021_09-00-00.csv", "southend-on-sea"),
        ("Isle of Wight", "2021/2/23/2021-02-23-isle-of-wight.csv", "isle-of-wight"),
        ("isle-of-wight", "2021/2/23/2021-02-23-isle-of-wight (1).csv", "isle-of-wight"),
        ("Isle of Wight", "2021/2/23/2021-02-23-leeds.csv", "isle_of_wight"),
        ("Isle of Wight", "2021/2/23/isle-of-wight_23-02-2021_09-00-00.csv", "isle_of_wight"),
        ("Łódź", "2021/8/25/leeds_25-08-2021_09-00-00.csv", "łódź"),
        ("a/b", "2021/8/25/leeds_25-08-2021_09-00-00.csv", ""),
        ("*", "2021/8/25/leeds_25-08-2021_09-00-00.csv", ""),
        ("", "2021/8/25/leeds_25-08-2021_09-00-00.csv", ""),
    ],
)
def test_a_cafes_tag_is_how_its_keys_spell_it(cafe: str, key: str, tag: str) -> None:
    assert branch_tag(cafe, key) == tag
