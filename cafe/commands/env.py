"""`cafe env`: the variables with which SAM and the AWS CLI use the local twin; or run a command with them."""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from cafe.deployed.environment import LOCAL, open_environment
from cafe.errors import CafeError, Misused
from cafe.terminal.containers import ready_containers
from cafe.terminal.documents import write_exactly, write_json
from cafe.terminal.options import EXIT_OK, JsonOption, help_text

# The commands of `sam local` that run functions in containers.
CONTAINER_COMMANDS = {"invoke", "start-lambda", "start-api"}
# What a shell evaluates if there are no variables. Evaluating nothing succeeds, and then the rest of a line such as
# `eval "$(cafe env)" && sam deploy` would run on the user's AWS account.
STOP_THE_LINE = "false"
HELP = help_text(
    """
    Print the variables with which SAM, the AWS CLI and AWS's SDKs use the local stack, or run a command with them.

    They name the local stack's address, its root user's keys and a configuration file of its own. The keys are new at
    every start, and this is the only place that prints them. Your own profile,
    credentials and endpoints are taken out, so a command cannot reach your AWS account. `cafe up` after `cafe down` may
    change the address: then type it again.

    With a command, the variables are set for this command only. If the local stack is not running, it does not run.
    `sam` is this project's; for `sam local`, the local stack is made reachable from containers. `aws` gets the option
    --endpoint-url too, because version 1 ignores the variable for SQS.

    Without a command, they are printed for a shell: sh, bash and zsh, or fish. In a shell that has them, `--env dev`
    and `make deploy` mean the local stack too. If the local stack is not running, `false` is printed for the shell, so
    that what follows `&&` does not run.

    [bold]--json[/] writes them as an object; a variable whose value is null has to be removed.
    """,
    examples={
        "cafe env sam logs --stack-name cafe-dev": "one command on the local stack",
        "cafe env aws sqs list-queues": "the AWS CLI",
        "cafe env sam local invoke ExtractFunction -e event.json": "a function in a container; cafe event says more",
        'eval "$(cafe env)"': "every command in this shell, until you close it",
        'eval "$(cafe env)" && sam build && sam deploy --config-env dev': "a line of several commands",
        'eval "$(cafe env --unset)"': "take the variables out of this shell; your own come back with a new shell",
        "cafe env --shell fish | source": "the same in fish",
    },
    exit_codes={EXIT_OK: "the variables are printed; with a command, its own exit code"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    # What follows the command's name belongs to the command, also what looks like an option of `cafe env`.
    app.command("env", help=HELP, context_settings={"allow_interspersed_args": False})(env)


def env(
    command: Annotated[list[str] | None, typer.Argument(metavar="[COMMAND]...", help="A command to run.")] = None,
    shell: Annotated[Literal["sh", "fish"], typer.Option(help="The shell that will read the lines.")] = "sh",
    unset: Annotated[bool, typer.Option("--unset", help="Print how to remove the variables.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the variables, or run a command with them."""
    from cafe.local import aws_clients
    from cafe.local.keys import RootKeys
    from cafe.local.layout import checkout

    if command and (unset or as_json):
        raise Misused("A command cannot be used together with --unset or --json.", "Leave out one of them.")
    try:
        variables: dict[str, str | None] = (
            dict.fromkeys(aws_clients.client_variables("", RootKeys("", ""), checkout())) if unset else {**_variables()}
        )
    except CafeError:
        if not (command or as_json or sys.stdout.isatty()):
            write_exactly(STOP_THE_LINE)
        raise
    if command:
        _make_ready(command)
        set_variables = {name: value for name, value in variables.items() if value is not None}
        command = aws_clients.with_files(command, checkout())
        _become(aws_clients.with_address(command, set_variables["AWS_ENDPOINT_URL"]), set_variables)
    if not unset:
        variables |= dict.fromkeys(aws_clients.names_to_remove(os.environ, variables))
    if as_json:
        write_json({"variables": variables})
    else:
        write_exactly("\n".join(aws_clients.shell_lines(variables, shell)))


def _variables() -> dict[str, str]:
    """Give the running stack's variables. Raises CafeError if none runs, before anything is printed for a shell."""
    from cafe.local import aws_clients, keys
    from cafe.local.layout import checkout
    from cafe.local.state import running_stack
    from cafe.local.workspaces import not_up

    layout = checkout()
    stack = running_stack(layout)
    if stack is None:
        raise not_up(layout)
    root_keys = keys.read(layout)
    aws_clients.write_config(stack, root_keys, layout)
    return aws_clients.client_variables(stack.endpoint_url, root_keys, layout)


def _make_ready(command: list[str]) -> None:
    """Give `sam local` what it needs for its containers. Raises NoEngine if there is no container engine."""
    if (
        command[0] == "sam"
        and command[1:2] == ["local"]
        and {*command} & CONTAINER_COMMANDS
        and "--help" not in command
    ):
        ready_containers(open_environment(LOCAL))


def _become(command: list[str], variables: dict[str, str]) -> None:
    """Replace this process by the command, so that signals, output and exit code are the command's own."""
    from cafe.local import aws_clients
    from cafe.local.layout import checkout
    from cafe.local.private_files import make_private

    environment = aws_clients.point_at_twin(os.environ, variables)
    if command[0] == "sam":
        # SAM leaves empty folders behind. Here they go with the stack's run folder.
        make_private(checkout().temporary)
        environment["TMPDIR"] = str(checkout().temporary)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise Misused(f"There is no command {command[0]!r}.", "Write it as you would in your shell, after `cafe env`.")
    os.execve(program, command, environment)  # noqa: S606  no shell: the arguments are passed on as they are  # nosec B606
