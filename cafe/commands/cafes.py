"""`cafe cafes`: the register of cafés, whose files are loaded without asking."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from cafe.answers.cafes import cafe_named, held_for, with_cafe, with_new_name
from cafe.answers.wording import counted, typed
from cafe.deployed.cafe_register import change_register, read_register
from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError
from cafe.sending.resend import DEFAULT_RATE, Resend, files_to_re_extract, re_extract_at
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, say, table
from cafe.terminal.resends import resends_json, send_again, show_resends
from cafe.warehouse.ledger import Ledger
from cafe.warehouse.port import WarehouseError
from extract.register import Cafe, Register

HELP = help_text(
    """
    Keep the register of cafés: whose files are loaded, and how each café is called.

    In a new installation the register is [bold]open[/]: it learns a café from its first accepted row, so that nothing
    has to be registered. Once all cafés have sent files, [bold]close[/] it: from then on a file of an unknown café is
    held until [bold]add[/] registers the café.

    A café has a [bold]name[/], which people see, and a [bold]key[/], with which the names of its files begin:
    [bold]isle_of_wight[/] in isle_of_wight_26-11-2026_21-00-00.csv. Case, accents, blanks, hyphens and underscores do
    not matter: "Isle of Wight", ISLE-OF-WIGHT and isle_of_wight are one café.
    """,
    examples={
        "cafe cafes list": "all cafés, and whether the register is open",
        "cafe cafes add 'Isle of Wight'": "register a café, and load its files that are held",
        "cafe cafes rename Leeds 'Leeds Station'": "show a café under another name",
        "cafe cafes close": "from now on, hold the files of unknown cafés",
    },
    exit_codes={EXIT_OK: "done", EXIT_UNHEALTHY: "something is missing; each command's help says what"},
)
LIST_HELP = help_text(
    """
    List the cafés of the register, by name: the key with which the names of their files begin, the day on which each
    was registered and, if a café was renamed, the name that its rows and ids keep.
    """,
    examples={"cafe cafes list": "all cafés", "cafe cafes list --env prod --json": "the same, for a script"},
    exit_codes={EXIT_OK: "the cafés were listed, even if there are none"},
)
ADD_HELP = help_text(
    """
    Register a café. Then files that are held because they name an unknown café are extracted again: those of this
    café's key, and those of head office. A file that names another unknown café too is held again.

    The name is what people see, and what rows should say. The key is what the names of its files begin with; without
    [bold]--key[/], it is the name as tills spell it: isle_of_wight for Isle of Wight. It does no harm to add a café
    twice.
    """,
    examples={
        "cafe cafes add Leeds": "its files are leeds_DD-MM-YYYY_HH-MM-SS.csv or YYYY-MM-DD-leeds.csv",
        'cafe cafes add "King\'s Lynn" --key kings_lynn --env prod': "a name that its files spell in another way",
    },
    exit_codes={
        EXIT_OK: "the café is registered, and its held files are on their way",
        EXIT_UNHEALTHY: "the café is registered, but a held file is no longer in the drop bucket",
    },
)
RENAME_HELP = help_text(
    """
    Show a café under another name, on every dashboard and in every answer. Its sales stay its own, and its files may
    use both names. Its key stays too.

    The warehouse is changed first, then the register. If the command fails between the two, type it again.
    """,
    examples={"cafe cafes rename Leeds 'Leeds Station'": "from now on, Leeds is shown as Leeds Station"},
    exit_codes={EXIT_OK: "the café has the new name"},
)
CLOSE_HELP = help_text(
    """
    Close the register: from now on a file of a café that is not registered is held. Nothing of it is loaded until
    [bold]cafe cafes add[/] registers the café, or [bold]cafe approve[/] lets this one file in.

    Do so once every café has sent a file. Files on their way may still be read under the open register.
    """,
    examples={"cafe cafes close": "no café enters the warehouse without you"},
    exit_codes={EXIT_OK: "the register is closed"},
)
OPEN_HELP = help_text(
    """
    Open the register, as it is in a new installation: each new name that head office's files or a café's own key bring
    is registered as a café. Files that are held stay held; the command to load them is shown.
    """,
    examples={"cafe cafes open": "before many new cafés send their first files"},
    exit_codes={EXIT_OK: "the register is open"},
)
MEANING = {
    True: "The register is closed: files of cafés that are not in it are held.",
    False: "The register is open: it learns a café from its first accepted row.",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    cafes = typer.Typer(name="cafes", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    cafes.command("list", help=LIST_HELP)(list_command)
    cafes.command("add", help=ADD_HELP)(add_command)
    cafes.command("rename", help=RENAME_HELP)(rename_command)
    cafes.command("close", help=CLOSE_HELP)(close_command)
    cafes.command("open", help=OPEN_HELP)(open_command)
    app.add_typer(cafes)


def list_command(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """List the cafés."""
    known = read_register(open_environment(env))
    cafes = sorted(known.cafes, key=lambda cafe: cafe.name)
    if as_json:
        write_json({"is_closed": known.is_closed, "cafes": [cafe._asdict() for cafe in cafes]})
        return
    grid = table("café", "key", "since", "in rows and ids", prose=["café", "key", "in rows and ids"])
    for cafe in cafes:
        written = "" if cafe.written_as == cafe.name else cafe.written_as
        grid.add_row(plain(cafe.name), plain(cafe.key), plain(cafe.since), plain(written, "dim"))
    if cafes:
        out().print(grid)
    say(out(), plain(f"{counted(len(cafes), 'café')}. {MEANING[known.is_closed]}"))


def add_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The café's name, as people should see it.")],
    key: Annotated[str, typer.Option(help="What its files' names begin with.", show_default="made of the name")] = "",
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Register a café."""
    environment, now = open_environment(env), datetime.now(UTC)
    # The last register that was read: others may write it meanwhile.
    before: list[Register] = []

    def add(known: Register) -> Register:
        before.append(known)
        return with_cafe(known, name, key, f"{now:%Y-%m-%d}")

    known = change_register(environment, add)
    cafe = cafe_named(known, name)
    is_new = known != before[-1]
    if not as_json:
        _show_added(cafe, is_new=is_new)
    waiting = _find_waiting(environment, cafe)
    send_again(environment, waiting.files, DEFAULT_RATE, re_extract_at(now))
    if as_json:
        added = {"added": is_new, "cafe": cafe._asdict(), "is_closed": known.is_closed}
        write_json(added | {"extracted_again": resends_json(waiting.files), "gone": waiting.gone})
    else:
        _show_waiting(waiting)
    raise typer.Exit(EXIT_UNHEALTHY if waiting.gone else EXIT_OK)


def rename_command(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The café's name, in any spelling, or its key.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name to show.")],
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Rename a café."""
    environment = open_environment(env)
    known = read_register(environment)
    before = cafe_named(known, old)
    # Every refusal comes before the first change.
    name = cafe_named(with_new_name(known, old, new), before.written_as).name
    # The warehouse first: whatever fails, the register knows the café by its old name, and the same command continues.
    renamed = invoke_load(environment, "rename", {"written_as": before.written_as, "name": name})["renamed"]
    known = change_register(environment, lambda known: with_new_name(known, before.written_as, new))
    cafe = cafe_named(known, before.written_as)
    if as_json:
        write_json({"cafe": cafe._asdict(), "was": before.name, "renamed_in_warehouse": renamed})
        return
    done = f"{before.name} is shown as {cafe.name} from now on. Its files may use both names."
    say(out(), plain(done))
    if not renamed:
        again = f"cafe cafes rename {typed(cafe.written_as)} {typed(cafe.name)}"
        remark(f"The warehouse has no sales of it yet. When it has some, type again: {again}", "yellow")


def close_command(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Close the register."""
    known = change_register(open_environment(env), lambda known: known.with_state(is_closed=True))
    _show_state(known, as_json=as_json)
    if not known.cafes:
        remark("It has no café yet, so every file will be held. `cafe cafes open` opens it again.", "yellow")


def open_command(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Open the register."""
    known = change_register(open_environment(env), lambda known: known.with_state(is_closed=False))
    _show_state(known, as_json=as_json)
    if not as_json:
        remark("Files that are held already stay held. To extract them again: cafe replay --rule unknown_cafe", "dim")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The files that wait for a café, and the keys of those that the drop bucket no longer has."""

    files: list[Resend]
    gone: list[str]


def _find_waiting(environment: Environment, cafe: Cafe) -> _Waiting:
    try:
        held = held_for(cafe, Ledger(environment.warehouse()).held())
    except WarehouseError as error:
        raise CafeError(
            f"{cafe.name} is registered, but its held files could not be looked up: {error.message}",
            "Type the same command again when the warehouse answers.",
        ) from error
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    entries = {file.version: file for file in held}
    keys = sorted({file.source_key for file in held})
    stored = [one for key in keys for one in list_versions(s3, bucket, key) if one.in_ledger in entries]
    found = {one.in_ledger.key for one in stored}
    return _Waiting(files_to_re_extract(stored, entries, is_named=True), [key for key in keys if key not in found])


def _show_added(cafe: Cafe, *, is_new: bool) -> None:
    if is_new:
        done = f"{cafe.name} is registered. Its files' names begin with {cafe.key}, in any spelling."
    else:
        done = f"{cafe.name} is registered already, since {cafe.since}, with the key {cafe.key}. Nothing was changed."
    say(out(), plain(done))


def _show_waiting(waiting: _Waiting) -> None:
    show_resends(waiting.files)
    if waiting.files:
        files = counted(len(waiting.files), "file")
        text = f"{files} that waited for it: extracted again now. `cafe status` shows whether one is still held."
        say(out(), plain(text))
    elif not waiting.gone:
        out().print(plain("No file waits for it."))
    for key in waiting.gone:
        remark(f"{key} is no longer in the drop bucket: the branch has to send it again.", "yellow")


def _show_state(known: Register, *, as_json: bool) -> None:
    state = {"is_closed": known.is_closed, "count": len(known.cafes)}
    if as_json:
        write_json(state)
    else:
        say(out(), plain(f"{MEANING[known.is_closed]} It has {counted(len(known.cafes), 'café')}."))
