"""`cafe adopt`: create the stack again from what a deleted one has kept."""

from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.deployed.template import read_template
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import cell, confirm, out, remark, table

HELP = help_text(
    """
    Create the stack again from what a deleted one has kept: the buckets, the warehouse's data, the secrets and
    their key.

    A deleted stack keeps them under their names, so `make deploy` alone is refused: they exist already. This command
    imports them, unchanged, into a new stack. Then `make deploy` adds everything else. If the stack exists, it does
    nothing.
    """,
    examples={
        "cafe adopt --env dev --dry-run": "list what was kept; change nothing",
        "cafe adopt --env dev": "import it, then type: make deploy ENV=dev",
        "cafe adopt --env prod --yes --json": "do not ask, for a script",
    },
    exit_codes={
        EXIT_OK: "the stack exists, or was created from what was kept",
        EXIT_UNHEALTHY: "nothing was kept, or you answered no; with --dry-run: what was kept is in no stack",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("adopt", help=HELP)(adopt)


def adopt(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what was kept; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Import what was kept into a new stack."""
    from cafe.deployed import adoption, kept

    environment = open_environment(env)
    template = read_template()
    cloudformation = environment.client("cloudformation")
    stack = f"cafe-{environment.deployed_as}"
    deploy = "cafe up" if environment.is_local else f"make deploy ENV={environment.deployed_as}"
    resources = kept.kept_resources(template, environment.deployed_as, adoption.account_of(environment))
    status = adoption.stack_status(cloudformation, stack)
    if status is not None and status not in adoption.EMPTY_STATES:
        remark(f"The stack {stack} exists ({status}): nothing to adopt.")
        if as_json:
            write_json({"stack": stack, "status": status, "kept": [], "adopted": False})
        raise typer.Exit(EXIT_OK)
    found = {
        resource: identifier
        for resource in resources
        if (identifier := adoption.find_identifier(environment, resource)) is not None
    }
    if not as_json:
        grid = table("resource", "name", "state", prose=["state"])
        for resource in resources:
            state = "kept" if resource in found else "not there: the deploy creates it"
            grid.add_row(cell(resource.logical_id), cell(resource.name), cell(state))
        out().print(grid)
    if not found:
        remark(f"Nothing was kept. Type: {deploy}")
    elif not dry_run and (yes or confirm(f"Create the stack {stack} from what was kept?")):
        adoption.import_stack(
            cloudformation,
            stack,
            kept.import_template(template, [resource.logical_id for resource in found]),
            {"Environment": environment.deployed_as},
            found,
        )
        remark(f"The stack {stack} has what was kept. Now type: {deploy}", "green")
        if as_json:
            write_json({"stack": stack, "status": "IMPORT_COMPLETE", "kept": list(found), "adopted": True})
        raise typer.Exit(EXIT_OK)
    if as_json:
        write_json({"stack": stack, "status": status, "kept": list(found), "adopted": False})
    raise typer.Exit(EXIT_UNHEALTHY)
