"""The rules about who may import whom, checked by reading the imports in the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("extract", "transform", "load")
ANATOMY = {"__init__.py", "handler.py", "settings.py", "stage.py", "objects.py"}
CLIENTS = ("boto3", "botocore", "redshift_connector", "aws_lambda_powertools", "mypy_boto3_s3", "mypy_boto3_sqs")
# Each class of `dataclasses` compiles its methods when it is defined, and `inspect` is imported for it. The records of
# the stages are named tuples (docs/decisions/stages.md).
SLOW_TO_IMPORT = ("dataclasses", "inspect", "logging")
# The modules that may use a client or a driver: `objects` calls S3, `warehouse` Redshift. All others are pure.
ADAPTERS = {
    "shared": {"aws_clients", "aws_errors", "batch", "observability", "outbox"},
    "extract": {"handler", "objects"},
    "transform": {"handler", "objects"},
    "load": {
        "handler",
        "checking",
        "invocations",
        "delivery",
        "mail",
        "objects",
        "reporting",
        "sender_metrics",
        "warehouse",
        "credentials",
    },
}
MAX_HANDLER_STATEMENTS = 45
# The rooms of `cafe`, lowest first. A module may import rooms below its own, and its own.
ROOMS = (
    "counting",
    "errors",
    "waiting",
    "drop_keys",
    "generate",
    "local",
    "warehouse",
    "dashboards",
    "deployed",
    "sending",
    "answers",
    "terminal",
    "commands",
    "cli",
    "start",
)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """Return the room of a module of `cafe`, "" for any other name."""
    names = module.split(".")
    return names[1] if names[0] == "cafe" and len(names) > 1 else ""


def packages_of(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports_of(path)}


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_each_other(stage: str) -> None:
    others = set(STAGES) - {stage}

    offenders = [path.name for path in sources(f"src/{stage}") if packages_of(path) & others]

    assert not offenders


def test_shared_code_imports_no_stage() -> None:
    assert not [path.name for path in sources("src/shared") if packages_of(path) & set(STAGES)]


def test_the_functions_import_nothing_of_the_command_line_or_the_dashboards() -> None:
    assert not [path for path in sources("src") if packages_of(path) & {"cafe", "grafana", "bench", "tests"}]


def test_the_command_line_reads_the_committed_dashboards_not_the_code_that_writes_them() -> None:
    assert not [path for path in sources("cafe") if packages_of(path) & {"grafana", "grafana_foundation_sdk"}]


@pytest.mark.parametrize("package", ["grafana", "local_redshift", "patched_ministack"])
def test_packages_beside_the_command_line_import_nothing_of_it(package: str) -> None:
    assert not [path for path in sources(package) if "cafe" in packages_of(path)]


def test_only_seams_imports_the_emulator() -> None:
    packages = {path.stem: packages_of(path) for path in sources("patched_ministack")}

    assert not [module for module, imported in packages.items() if "ministack" in imported and module != "seams"]


def test_rooms_import_only_rooms_below_them() -> None:
    upward = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("cafe")
        for name in imports_of(path)
        if (room := room_of(name)) and ROOMS.index(room) > ROOMS.index(room_of(module_of(path)))
    }

    assert not upward


def test_every_module_of_the_command_line_is_in_a_room() -> None:
    assert {room_of(module_of(path)) for path in sources("cafe")} - {""} == set(ROOMS)


def test_commands_import_no_other_command() -> None:
    # A package's __init__ assembles the commands of the package: it registers them and calls none.
    offenders = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("cafe/commands")
        for name in imports_of(path)
        if name.startswith("cafe.commands") and path.name != "__init__.py"
    }

    assert not offenders


def test_the_benchmarks_import_no_command() -> None:
    assert not [path for path in sources("bench") if any(name.startswith("cafe.commands") for name in imports_of(path))]


@pytest.mark.parametrize("package", ["shared", *STAGES])
def test_pure_modules_import_no_client_and_no_driver(package: str) -> None:
    offenders = {
        path.stem
        for path in sources(f"src/{package}")
        if path.stem not in ADAPTERS[package] and packages_of(path) & set(CLIENTS)
    }

    assert not offenders


# What the dialects and the drafts of new ones may import: what computes. Nothing of it reaches a file, a network, a
# process, AWS or a warehouse; `pathlib` reads the documents beside their catalogue.
COMPUTES = {
    "collections", "contextlib", "csv", "dataclasses", "datetime", "enum", "functools", "itertools", "re", "sys",
    "tomllib", "typing", "unicodedata", "zoneinfo",
}  # fmt: skip
PURE_OF_OTHERS = {
    "cafe.answers.dialects", "cafe.counting", "extract.cells", "extract.lines", "extract.rules", "shared.amounts",
    "shared.baskets", "shared.personal_text", "shared.visible_text",
}  # fmt: skip
READS_THE_DOCUMENTS = ("extract.dialects.catalogue", "pathlib")
DIALECTS = ("src/extract/dialects", "cafe/answers/drafting")
# These need no import.
OPENS = re.compile(r"open|exec|eval|compile|__import__|.*\.(open|read_bytes|read_text|write_bytes|write_text|unlink)")


def impure_uses(module: str, source: str) -> set[str]:
    """Return what a module of the dialects imports or calls beyond what only computes."""
    tree = ast.parse(source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {"." * node.level + (node.module or "") for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    uses = {
        name
        for name in imported
        if name.partition(".")[0] not in COMPUTES
        and name not in PURE_OF_OTHERS
        and not name.startswith(("extract.dialects.", "cafe.answers.drafting."))
    } | {name for name in called if OPENS.fullmatch(name)}
    if module == READS_THE_DOCUMENTS[0]:
        uses -= {READS_THE_DOCUMENTS[1], "(FOLDER / source).read_text"}
    return uses


@pytest.mark.parametrize("folder", DIALECTS)
def test_dialects_and_their_drafts_know_neither_aws_nor_sql_nor_files(folder: str) -> None:
    uses = {
        path.name: found
        for path in sources(folder)
        if (found := impure_uses(module_of(path).removeprefix("src."), path.read_text(encoding="utf-8")))
    }

    assert not uses


def test_importing_the_dialects_loads_no_client_and_no_driver() -> None:
    assert not loaded_with("extract.dialects.catalogue") & set(CLIENTS)


@pytest.mark.parametrize("stage", ["extract", "transform"])
def test_importing_a_stage_loads_nothing_that_takes_long_to_import(stage: str) -> None:
    assert not loaded_with(f"{stage}.stage") & {*CLIENTS, *SLOW_TO_IMPORT}


def loaded_with(module: str) -> set[str]:
    """Return the modules that a fresh process has after it imports one of the functions'."""
    code = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", check=True, capture_output=True, text=True)
    return set(ran.stdout.split())


def test_what_dialects_import_of_others_knows_neither_aws_nor_sql_nor_files() -> None:
    known = {module_of(path).removeprefix("src."): path for path in sources("src", "cafe")}
    impure = {*CLIENTS, "sqlglot", "psycopg", "socket", "subprocess", "urllib", "http", "os", "pathlib", "io", "shutil"}

    users = {name for name in PURE_OF_OTHERS if packages_of(known[name]) & impure}

    assert not users


@pytest.mark.parametrize(
    "statement",
    [
        "import boto3",
        "from botocore.exceptions import ClientError",
        "import redshift_connector",
        "import psycopg",
        "from load.warehouse import Session",
        "from cafe.warehouse.queries import query",
        "from cafe.deployed.bucket import Bucket",
        "from extract.objects import Objects",
        "from shared.aws_clients import client",
        "import os",
        "from pathlib import Path",
        "import subprocess",
        "from urllib.request import urlopen",
        "from importlib.resources import files",
        "text = open('new.toml').read()",
        "path.write_text('')",
    ],
)
def test_a_dialect_or_draft_that_reaches_out_is_refused(statement: str) -> None:
    assert impure_uses("extract.dialects.planted", f"import re\n{statement}\n")


def test_the_types_of_aws_clients_are_imported_for_mypy_only() -> None:
    # Lambda does not have these stubs, and they would slow down every command.
    at_run_time = {
        path.relative_to(ROOT)
        for path in sources("src", "cafe", "local_redshift", "bench")
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if not (isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING")
        for node in ast.walk(statement)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("mypy_boto3")
    }

    assert not at_run_time


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_the_same_anatomy(stage: str) -> None:
    assert {path.name for path in sources(f"src/{stage}")} >= ANATOMY


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_warehouse_module_of_load_knows_the_driver(stage: str) -> None:
    users = {path.stem for path in sources(f"src/{stage}") if "redshift_connector" in packages_of(path)}

    assert users == ({"warehouse"} if stage == "load" else set())


def test_only_load_has_sql_files() -> None:
    assert not [path for path in (ROOT / "src").rglob("*.sql") if "load/sql" not in path.as_posix()]


def test_nothing_that_runs_on_aws_mentions_the_local_stack() -> None:
    words = ("local", "emulator", "ministack", "localhost", "127.0.0.1")
    texts = [*sources("src"), *(ROOT / "src").rglob("*.sql"), ROOT / "template.yaml"]

    offenders = [
        (path.name, line.strip())
        for path in texts
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith(("#", "--"))
        and any(f" {word} " in f" {line.lower()} " for word in words)
        and ("if " in line or "Condition" in line)
    ]

    assert not offenders


@pytest.mark.parametrize("stage", STAGES)
def test_handlers_are_short(stage: str) -> None:
    tree = ast.parse((ROOT / "src" / stage / "handler.py").read_text(encoding="utf-8"))
    statements = sum(
        isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree)
    )

    assert statements <= MAX_HANDLER_STATEMENTS


OUTPUT = "cafe.terminal.presentation"
DOCUMENTS = "cafe.terminal.documents"
# What writes to the terminal, by the name under which it is called.
WRITERS = re.compile(
    r"print|(typer|click)\.(echo|secho|echo_via_pager|confirm|prompt|style)|sys\.(stdout|stderr)\.(buffer\.)?write(lines)?"
    r"|(rich\.)?(print|print_json|inspect)|(rich\.console\.)?Console|get_console|csv\.(writer|DictWriter)"
    r"|input|getpass(\.getpass)?|(Text|Markdown|Syntax)\.from_\w+"
)
# It writes only if the output cannot be imported.
WITHOUT_THE_OUTPUT = "cafe.start"
# The places that may write the program's own text without escapes: for a shell to read, the version, the help.
WRITE_EXACTLY = {"cafe.cli", "cafe.commands.env", "cafe.terminal.endings", OUTPUT, DOCUMENTS}


def called_outside_of_the_output(call: ast.Call) -> str:
    """Describe a call that a module of the command line must leave to the output; "" for any other call."""
    name = ast.unparse(call.func)
    if WRITERS.fullmatch(name):
        return name
    if name == "Text" and not all(isinstance(argument, ast.Constant) for argument in call.args):
        return "Text(…) of something that is not constant: plain(…) escapes it"
    if name == "Text.assemble" and any(
        isinstance(part, ast.Tuple) and not isinstance(part.elts[0], ast.Constant) for part in call.args
    ):
        return "Text.assemble((…, style)) of something that is not constant: plain(…, style) escapes it"
    return ""


def output_offenders(module: str, source: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    offences = (
        []
        if module in (OUTPUT, DOCUMENTS, WITHOUT_THE_OUTPUT)
        else [found for call in calls if (found := called_outside_of_the_output(call))]
    )
    if module not in WRITE_EXACTLY:
        offences += [name for call in calls if (name := ast.unparse(call.func)) == "write_exactly"]
    return [f"{module}: {offence}" for offence in offences]


def test_the_command_line_writes_only_through_the_output_that_escapes() -> None:
    offenders = [
        offender
        for path in sources("cafe")
        for offender in output_offenders(module_of(path), path.read_text(encoding="utf-8"))
    ]

    assert not offenders


@pytest.mark.parametrize(
    "statement",
    [
        "print(key)",
        "typer.echo(key)",
        "sys.stdout.write(key)",
        "Console().print(key)",
        "csv.writer(sys.stdout)",
        "typer.confirm(f'Delete {key}?')",
        "console.print(Text(key))",
        "Text.assemble((f'{key} ', 'bold'), plain(key))",
        "Text.from_markup(key)",
        "write_exactly(key)",
    ],
)
def test_a_command_that_writes_past_the_output_is_refused(statement: str) -> None:
    assert output_offenders("cafe.commands.leak", statement)


def test_every_module_of_end_to_end_tests_is_run_with_the_others_of_its_kind() -> None:
    unmarked = {
        path.name
        for path in (ROOT / "tests" / "e2e").glob("test_*.py")
        if "\npytestmark = pytest.mark.e2e\n" not in path.read_text(encoding="utf-8")
    }

    assert not unmarked


def test_only_the_presentation_makes_tables() -> None:
    # Its tables fit the screen: figures never break, and keys stay readable.
    makers = {module_of(path) for path in sources("cafe", "bench") if "rich.table" in set(imports_of(path))}

    assert makers == {OUTPUT}
