"""Write the help of a command: usage, what it does, examples, exit codes, arguments, options, commands."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cafe.terminal.presentation import folded, out, own_markup, plain
from cafe.terminal.usage import name_of

# Longer lines are hard to read, however wide the screen is.
WIDEST = 100
INDENT = 2
EXAMPLE = re.compile(r"\[dim\]# (?P<meaning>.*)\[/\]\n\[cyan\](?P<command>.*)\[/\]", re.DOTALL)
EXIT_CODE = re.compile(r"(?P<code>\d+) +(?P<meaning>.*)")
SENTENCE = re.compile(r".*?[.](?= |$)", re.DOTALL)
NO_DEFAULT: tuple[object, ...] = (None, False, "", [], ())


def help_screen(command: Any, context: Any) -> str:
    """Return the help of a command or a group, as wide as the screen, without a line end."""
    console = out()
    console.width = min(console.width, WIDEST)
    with console.capture() as capture:
        _write(console, command, context)
    return capture.get().rstrip("\n")


def _write(console: Console, command: Any, context: Any) -> None:
    console.print(plain("Usage: ", "bold") + plain(" ".join([context.command_path, *_usage(command)])), soft_wrap=True)
    for paragraph in (command.help or "").split("\n\n"):
        _write_paragraph(console, paragraph)
    parameters = [one for one in command.get_params(context) if not one.hidden]
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    _write_list(console, "Arguments", [(_shown(one), _meaning(one, context)) for one in arguments])
    _write_list(console, "Options", [(_shown(one), _meaning(one, context)) for one in options])
    commands = [one for one in getattr(command, "commands", {}).values() if not one.hidden]
    _write_list(console, "Commands", [(str(one.name), _first_sentence(one.help or "")) for one in commands])


def _usage(command: Any) -> Iterator[str]:
    yield "[OPTIONS]"
    if hasattr(command, "commands"):
        yield "COMMAND ..."
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = name_of(parameter) + ("..." if parameter.nargs == -1 else "")
            yield name if parameter.required else f"[{name}]"


def _write_paragraph(console: Console, paragraph: str) -> None:
    if example := EXAMPLE.fullmatch(paragraph):
        _write_lines(console, plain(f"# {example['meaning']}", "dim"), INDENT)
        # A command stays on one line, to be copied.
        console.print(plain(f"{' ' * INDENT}{example['command']}", "cyan"), soft_wrap=True)
    elif all(EXIT_CODE.fullmatch(line) for line in paragraph.split("\n")):
        rows = [EXIT_CODE.fullmatch(line) for line in paragraph.split("\n")]
        _write_rows(console, [(row["code"], plain(row["meaning"])) for row in rows if row])
    else:
        console.print()
        _write_lines(console, own_markup(paragraph), 0)


def _write_list(console: Console, heading: str, rows: Sequence[tuple[str, Text]]) -> None:
    if rows:
        console.print()
        console.print(plain(heading, "bold"))
        _write_rows(console, rows)


def _write_rows(console: Console, rows: Sequence[tuple[str, Text]]) -> None:
    """Write names and their meanings beside each other; below each other where a name is long."""
    column = INDENT + min(max(len(name) for name, _ in rows), console.width // 3) + INDENT
    for name, meaning in rows:
        head = plain(" " * INDENT) + plain(name, "cyan")
        if head.cell_len + INDENT > column:
            console.print(head, soft_wrap=True)
            head = Text()
        _write_lines(console, meaning, column, head)


def _write_lines(console: Console, text: Text, indent: int, head: Text | None = None) -> None:
    """Write folded prose, each line indented; the first one begins with ``head``."""
    for line in folded(text, console.width - indent):
        start = head or Text()
        console.print(start + plain(" " * (indent - start.cell_len)) + line, soft_wrap=True)
        head = None


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return name_of(parameter) + ("..." if parameter.nargs == -1 else "")
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.secondary_opts:
        names += f" / {', '.join(parameter.secondary_opts)}"
    return names if parameter.is_flag else f"{names} {_value(parameter)}"


def _value(parameter: Any) -> str:
    """Name the value of an option: as it is declared, or by its choices, or by its type."""
    described = parameter.type_descriptor
    if parameter.metavar:
        return str(parameter.metavar)
    if described.choices:
        return "|".join(str(getattr(choice, "value", choice)) for choice in described.choices)
    return {int: "N", float: "N", Path: "PATH"}.get(described.annotation, "TEXT")


def _meaning(parameter: Any, context: Any) -> Text:
    text = own_markup(parameter.help or "")
    notes = []
    if parameter.type_descriptor.choices and (parameter.metavar or parameter.param_type_name == "argument"):
        notes.append(" or ".join(str(getattr(choice, "value", choice)) for choice in parameter.type_descriptor.choices))
    if getattr(parameter, "min", None) is not None:
        notes.append(f"at least {parameter.min:g}")
    if default := _default(parameter, context):
        notes.append(f"default: {default}")
    if parameter.envvar:
        notes.append(f"variable: {parameter.envvar}")
    return text + plain(f"{' ' if text else ''}[{'; '.join(notes)}]", "dim") if notes else text


def _default(parameter: Any, context: Any) -> str:
    if isinstance(parameter.show_default, str):
        return parameter.show_default
    default = parameter.get_default(context, call=False)
    if not parameter.show_default or getattr(parameter, "is_flag", False) or default in NO_DEFAULT:
        return ""
    return f"{default:g}" if isinstance(default, float) else str(getattr(default, "value", default))


def _first_sentence(text: str) -> Text:
    shown = own_markup(text.split("\n\n")[0].replace("\n", " "))
    sentence = SENTENCE.match(shown.plain)
    return shown[: sentence.end()] if sentence else shown
