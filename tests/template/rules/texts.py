"""House rules for the texts and defaults of the template."""

from collections.abc import Iterator

from template.stack import Stack


def parameters_are_described(stack: Stack) -> Iterator[str]:
    """Parameters are the first thing that a person who deploys sees."""
    for name, declared in stack.parameters.items():
        if not declared.get("Description"):
            yield f"{name}: no description"


def nothing_points_at_production_by_default(stack: Stack) -> Iterator[str]:
    """A forgotten argument must never deploy to production."""
    for name, declared in stack.parameters.items():
        if declared.get("Default") == "prod":
            yield f"{name}: prod by default"


def statements_say_what_they_are_for(stack: Stack) -> Iterator[str]:
    """A Sid is the only comment that AWS's console shows."""
    for statement in stack.statements():
        if statement.sid == "(no Sid)":
            yield f"{statement.owner.logical_id}: a statement without a Sid"
