"""Explain what is wrong with the arguments of a command, in the project's own words."""

import re
from collections.abc import Mapping
from typing import Any

from typer.exceptions import TyperException

from cafe.errors import Misused

# What the parser finds about a value, by its name for the problem. The parser's sentences are about programs.
PROBLEMS = {
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is too large",
    "float_parsing": "is not a number",
    "finite_number": "is not a number",
    "greater_than_equal": "is less than {ge:g}",
    "less_than_equal": "is more than {le:g}",
    "bool_parsing": "is neither true nor false",
    "datetime_from_date_parsing": "is not a date such as 2026-11-20",
    "datetime_parsing": "is not a date such as 2026-11-20",
}


# The parser's other sentences, and the project's for them.
SENTENCES = {
    r"Got unexpected extra argument\(s\) \((?P<rest>.*)\)": "Too many arguments: {rest}.",
    r"Option '(?P<name>[^']+)' (?:requires an argument|requires \d+ arguments)\.": "{name} needs a value.",
    r"Option '(?P<name>[^']+)' does not take a value\.": "{name} takes no value.",
    r"(?P<whole>No such option: .*) \(Possible options: (?P<known>.*)\)": "{whole}. Did you mean {known}?",
    r"(?P<value>'.*') does not match the formats? '%Y-%m-%d'.*": "{value} is not a date such as 2026-11-20.",
}


def explain_usage(error: TyperException) -> Misused:
    """Turn an error of the parser into a message with a remedy."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "cafe"
    return Misused(_message(error), f"To see how it is used, type: {command} --help")


def _message(error: TyperException) -> str:
    parameter: Any = getattr(error, "param", None)
    if parameter is None:
        return _sentence(error.format_message())
    name = name_of(parameter)
    if type(error).__name__ == "MissingParameter":
        return f"{name} is missing."
    found = _first_problem(error)
    if found is None or found["type"] not in PROBLEMS:
        reason = error.message if found is None else str(found["msg"]).removeprefix("Value error, ")
        return _sentence(f"{name}: {reason}")
    problem = PROBLEMS[found["type"]].format_map(found.get("ctx", {}))
    return f"{name}: {str(found.get('input'))!r} {problem}."


def _first_problem(error: TyperException) -> Mapping[str, Any] | None:
    """Return what the parser's own error says about a value, None if the error is not the parser's."""
    problems = getattr(error.__cause__, "errors", None)
    return problems()[0] if problems else None


def _sentence(text: str) -> str:
    for pattern, sentence in SENTENCES.items():
        if found := re.search(pattern, text):
            return text[: found.start()] + sentence.format_map(found.groupdict())
    return text if text.endswith((".", "?")) else f"{text}."


def name_of(parameter: Any) -> str:
    """Return an option as it is typed, or an argument as the help shows it."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name).strip("[]{}.").upper()
