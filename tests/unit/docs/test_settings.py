"""docs/settings.md has every parameter and variable, and the README every command; each option explains itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperGroup

from cafe.cli import app
from template.stack import read_source
from unit.docs.pages import ROOT, code_spans, page, sections, table_rows

SECTIONS = sections(page("settings"), 2)
FUNCTION = "AWS::Serverless::Function"
# pytest-xdist sets it.
NOT_SET_BY_HAND = {"PYTEST_XDIST_WORKER"}


def test_every_parameter_of_the_template_is_on_the_page_as_it_is() -> None:
    stated = [
        (row["parameter"], row["default"].replace("empty", ""), row["meaning"].replace("`", ""))
        for row in table_rows(SECTIONS["Parameters of the template"])
    ]

    assert stated == [
        (name, str(declared["Default"]), " ".join(declared["Description"].split()))
        for name, declared in read_source()["Parameters"].items()
    ]


def test_every_variable_of_the_functions_is_on_the_page() -> None:
    source = read_source()
    of_stages: dict[str, set[str]] = {}
    for name, resource in source["Resources"].items():
        if resource["Type"] == FUNCTION:
            for variable in resource["Properties"]["Environment"]["Variables"]:
                of_stages.setdefault(variable, set()).add(name.removesuffix("Function").lower())
    everywhere = set(source["Globals"]["Function"]["Environment"]["Variables"])
    stages = {stage for names in of_stages.values() for stage in names}

    stated = {row["variable"]: row["of"] for row in table_rows(SECTIONS["Variables of the functions"])}

    expected = {name: of_stages.get(name, stages) for name in everywhere | of_stages.keys()}
    assert {name: stages if of == "all" else set(of.split(", ")) for name, of in stated.items()} == expected


def test_every_variable_that_the_code_reads_is_on_the_page() -> None:
    stated = {row["variable"] for row in table_rows(SECTIONS["Variables that you can set"])}

    read = {name for folder in ("cafe", "tests", "bench") for name in variables_read_in(ROOT / folder)}
    assert stated == read - NOT_SET_BY_HAND


def test_every_command_is_in_the_readme() -> None:
    rows = table_rows(sections((ROOT / "README.md").read_text(encoding="utf-8"), 2)["The command line"])
    shown = " ".join(row["command"] for row in rows)

    words = set(re.findall(r"[a-z]+", shown))
    assert [path for path, _ in commands(typer.main.get_command(app)) if not words >= set(path.split())] == []


def test_every_option_and_argument_explains_itself() -> None:
    silent = [
        f"{path} {parameter.name}"
        for path, command in commands(typer.main.get_command(app))
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]

    assert silent == []


def variables_read_in(folder: Path) -> set[str]:
    """Return the environment variables that the code of a folder reads, by a name in capitals."""
    return {name for path in folder.rglob("*.py") for name in read_in(ast.parse(path.read_text(encoding="utf-8")))}


def read_in(tree: ast.Module) -> Iterator[str]:
    """Yield what is read of `os.environ`, the environment variables of options, and names in constants …_VARIABLE."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="get" | "pop", value=environ), args=[ast.Constant(str(name)), *_]):
                if ast.unparse(environ) == "os.environ":
                    yield name
            case ast.Compare(left=ast.Constant(str(name)), comparators=[environ]):
                if ast.unparse(environ) == "os.environ":
                    yield name
            case ast.keyword(arg="envvar", value=ast.Constant(str(name))):
                yield name
            case ast.Assign(targets=[ast.Name(constant)], value=ast.Constant(str(name))):
                if constant.endswith("_VARIABLE"):
                    yield name
            case ast.Assign(targets=[ast.Tuple(constants)], value=ast.Tuple(values)):
                for constant, value in zip(map(ast.unparse, constants), values, strict=False):
                    if constant.endswith("_VARIABLE"):
                        yield ast.literal_eval(value)


def commands(command: Any, path: str = "cafe") -> Iterator[tuple[str, Any]]:
    """Yield every command with the words that call it."""
    yield path, command
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from commands(below, f"{path} {name}")


def test_the_pages_show_a_variable_as_code() -> None:
    assert {"CAFE_ENV", "CAFE_WORKSPACE"} <= set(code_spans(page("settings")))
