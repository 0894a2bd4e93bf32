"""`cafe docs`: every page, rule and alarm is a topic; a pipe gets Markdown, a terminal a page that fits it."""

import json
import re

import pytest

from cafe.answers.docs import (
    alarm_names,
    anchor_of,
    find_sections,
    page_of,
    read_pages,
    rule_codes,
    search,
    suggest,
    topic_names,
)
from cafe.answers.remedies import remedies
from template.stack import read_source
from unit.cli.conftest import Run
from unit.docs.pages import ROOT, pages

PAGES = read_pages(ROOT)
PAGE = """\
# First page

What it is for. More.

## Dead letters

```
# not a heading
cafe redrive
```

### `below_it`

Text.

## Next

End.
"""


def alarm_resources() -> dict[str, str]:
    """Return the name of each alarm in the template, without the stack's prefix, by its resource."""
    return {
        name: str(resource["Properties"]["AlarmName"]["Fn::Sub"]).removeprefix("cafe-${Environment}-")
        for name, resource in read_source()["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_a_section_ends_at_the_next_heading_of_its_level_or_above() -> None:
    page = page_of("docs/first.md", PAGE)

    assert [(part.heading, part.level, part.line_number) for part in page.sections] == [
        ("First page", 1, 1),
        ("Dead letters", 2, 5),
        ("below_it", 3, 12),
        ("Next", 2, 16),
    ]
    assert page.sections[0].text == PAGE
    assert page.sections[1].text.startswith("## Dead letters\n\n```\n# not a heading")
    assert page.sections[1].text.endswith("### `below_it`\n\nText.\n")
    assert page.summary == "What it is for"


@pytest.mark.parametrize(
    "topic", ["dead letters", "DeadLetters", "dead_letters", "#dead-letters", "docs/first.md#dead-letters"]
)
def test_a_heading_is_found_however_it_is_written(topic: str) -> None:
    (section,) = find_sections(topic, [page_of("docs/first.md", PAGE)])

    assert section.address == "docs/first.md#dead-letters"


def test_every_page_is_a_topic_and_has_a_summary() -> None:
    assert sorted(ROOT / page.path for page in PAGES) == sorted(pages())
    for page in PAGES:
        assert find_sections(page.name, PAGES)[-1] == page.sections[0]
        assert page.summary


@pytest.mark.parametrize("code", remedies())
def test_every_rule_and_reason_is_a_topic_with_its_remedy(code: str) -> None:
    (section,) = find_sections(code, PAGES)

    assert section.page == "docs/reject-rules.md"
    assert remedies()[code] in " ".join(section.text.replace("\n> ", " ").split())
    assert code in rule_codes(PAGES)


def test_every_alarm_is_a_topic_by_any_of_its_names() -> None:
    assert sorted(alarm_resources().values()) == alarm_names(PAGES)
    for resource, name in alarm_resources().items():
        first = {find_sections(asked, PAGES)[0].address for asked in (resource, name, f"cafe-prod-{name}")}
        (address,) = first
        assert address.startswith("docs/operations.md#")


def test_a_name_of_an_alarm_and_a_page_means_both_the_runbook_first() -> None:
    found = [section.address for section in find_sections("grafana-host", PAGES)]

    assert found == ["docs/operations.md#grafana-host", "docs/grafana-host.md"]


def test_every_address_that_is_printed_is_a_topic() -> None:
    """Alarms and the health of the pipeline name sections of docs/operations.md."""
    sources = [ROOT / "template.yaml", *(ROOT / "cafe/answers").glob("*.py")]
    anchors = {
        anchor
        for path in sources
        for anchor in re.findall(r"(?:RunbookUrl\}|RUNBOOKS\}|\")(#[a-z-]+)", path.read_text())
    }

    assert len(anchors) > 10
    assert [anchor for anchor in anchors if len(find_sections(f"docs/operations.md{anchor}", PAGES)) != 1] == []


def test_what_is_nearly_a_topic_is_suggested() -> None:
    assert suggest("bad_timstamp", PAGES)[0] == "bad_timestamp"
    assert "stale-sales" in suggest("stale", PAGES) or "Stale sales" in suggest("stale", PAGES)
    assert suggest("…", PAGES) == []
    assert len(topic_names(PAGES)) == len(set(topic_names(PAGES)))


def test_a_word_is_found_in_any_case_with_its_innermost_section() -> None:
    found = search("TEXT", [page_of("docs/first.md", PAGE)])

    assert [(match.section.heading, match.line_number, match.line) for match in found] == [("below_it", 14, "Text.")]


def test_an_anchor_is_that_of_github() -> None:
    assert anchor_of("2026-11-26 · Only `LOCK` has the short limit") == "2026-11-26--only-lock-has-the-short-limit"


# --- the command


def test_a_pipe_gets_the_section_as_it_is_written(run: Run) -> None:
    result = run("docs", "dead", "letters")

    (section,) = find_sections("Dead letters", PAGES)
    assert result.exit_code == 0
    assert result.stdout == section.text


def test_without_a_topic_pages_codes_and_alarms_are_listed(run: Run) -> None:
    shown, answer = run("docs").stdout, json.loads(run("docs", "--json").stdout)["data"]

    assert all(name in shown for name in ("operations", "bad_timestamp", "extract-slow"))
    assert {page["name"] for page in answer["pages"]} >= {"readme", "operations", "decisions", "decisions/load"}
    assert (answer["codes"], answer["alarms"]) == (rule_codes(PAGES), alarm_names(PAGES))


def test_a_topic_in_json_has_its_address_and_text(run: Run) -> None:
    (section,) = json.loads(run("docs", "StaleSalesAlarm", "--json").stdout)["data"]["sections"]

    assert section["address"] == "docs/operations.md#stale-sales"
    assert section["text"].startswith("## Stale sales")


def test_a_topic_that_is_missing_is_an_error_with_suggestions(run: Run) -> None:
    result = run("docs", "bad_timestmp")

    assert result.exit_code == 2
    assert "There is no topic 'bad_timestmp'. Nearly so: bad_timestamp" in result.stderr
    assert "cafe docs --search WORD" in result.stderr


def test_a_search_shows_lines_with_their_sections_and_exits_with_1_if_there_is_none(run: Run) -> None:
    found, nothing = run("docs", "--search", "dead_letter"), run("docs", "--search", "xyzzy")

    assert (found.exit_code, nothing.exit_code) == (0, 1)
    assert "docs/json.md#" in found.stdout
    assert "No line has 'xyzzy'." in nothing.stderr


def test_a_topic_and_a_search_together_are_refused(run: Run) -> None:
    assert run("docs", "operations", "--search", "x").exit_code == 2
