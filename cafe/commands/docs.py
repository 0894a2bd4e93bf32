"""`cafe docs`: show a page, a section, a rule or an alarm of docs/ in the terminal."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from cafe.answers.docs import (
    Match,
    Page,
    Section,
    alarm_names,
    find_sections,
    read_pages,
    rule_codes,
    search,
    suggest,
)
from cafe.answers.wording import counted
from cafe.errors import Misused
from cafe.local.layout import checkout
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, show_page
from cafe.terminal.results import paged

HELP = help_text(
    """
    Show the project's documentation in the terminal: a page, one section of it, a rule or an alarm.

    TOPIC is a page, a heading, the code of a rule or reason, the name of an alarm, or an address that another command
    prints, such as docs/operations.md#held-files. Case, blanks and punctuation do not count. Without TOPIC, all pages,
    codes and alarms are listed. On a terminal, the text is laid out and paged; a pipe gets Markdown.
    """,
    examples={
        "cafe docs": "what there is",
        "cafe docs operations": "a page",
        "cafe docs bad_timestamp": "what a rejected row's rule means",
        "cafe docs DeadLetters": "a runbook",
        "cafe docs extract-slow": "the runbook of an alarm",
        "cafe docs --search snapshot": "all lines with a word, and their sections",
        "cafe docs dead letters | less": "as plain text",
    },
    exit_codes={EXIT_OK: "it was shown", EXIT_UNHEALTHY: "no line has the word of --search"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("docs", help=HELP)(docs)


def docs(
    topic: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]", help="What to show.")] = None,
    word: Annotated[str, typer.Option("--search", metavar="WORD", help="Find a word in all pages.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show documentation."""
    pages, asked = read_pages(checkout().root), " ".join(topic or [])
    if word and asked:
        raise Misused("A topic cannot be used together with --search.", "Leave out one of them.")
    if word:
        _show_matches(word, search(word, pages), as_json=as_json)
    elif asked:
        _show_topic(asked, pages, as_json=as_json)
    elif as_json:
        topics = [{"name": page.name, "path": page.path, "summary": page.summary} for page in pages]
        write_json({"pages": topics, "codes": rule_codes(pages), "alarms": alarm_names(pages)})
    else:
        _list(pages)


def _show_topic(asked: str, pages: Sequence[Page], *, as_json: bool) -> None:
    sections = find_sections(asked, pages)
    if not sections:
        close = ", ".join(suggest(asked, pages))
        raise Misused(
            f"There is no topic {asked!r}." + (f" Nearly so: {close}." if close else ""),
            "`cafe docs` lists the pages; `cafe docs --search WORD` finds a word in them.",
        )
    if as_json:
        write_json({"sections": [_section_json(section) | {"text": section.text} for section in sections]})
        return
    if len(sections) > 1:
        remark(f"{counted(len(sections), 'section')}: {', '.join(section.address for section in sections)}", "dim")
    with paged(is_wanted=True):
        show_page("\n".join(section.text for section in sections))


def _show_matches(word: str, matches: Sequence[Match], *, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "word": word,
                "found": [
                    _section_json(match.section) | {"line_number": match.line_number, "line": match.line}
                    for match in matches
                ],
            }
        )
    elif not matches:
        remark(f"No line has {word!r}.")
    for place, match in enumerate([] if as_json else matches):
        if place == 0 or matches[place - 1].section != match.section:
            head = plain(f"{match.section.heading}  ", "bold")
            out().print(Text.assemble(head, plain(match.section.address, "dim")), soft_wrap=True)
        out().print(plain(f"  {match.line_number}: {match.line}"), soft_wrap=True)
    if not matches:
        raise typer.Exit(EXIT_UNHEALTHY)


def _list(pages: Sequence[Page]) -> None:
    console = out()
    width = max(len(page.name) for page in pages)
    console.print(plain("Pages", "bold"))
    for page in pages:
        line = Text.assemble(plain(f"  {page.name:<{width}}  ", "cyan"), plain(page.summary))
        console.print(line, no_wrap=True, overflow="ellipsis", crop=console.is_terminal)
    for title, names in (("Rules and reasons", rule_codes(pages)), ("Alarms", alarm_names(pages))):
        console.print()
        console.print(plain(title, "bold"))
        console.print(plain(", ".join(names)))
    console.print()
    console.print(plain("Each heading of a page is a topic too. To find a word: cafe docs --search WORD", "dim"))


def _section_json(section: Section) -> dict[str, Any]:
    return {"page": section.page, "heading": section.heading, "address": section.address}
