"""What points SAM, the AWS CLI and any SDK at the local twin, and away from the user's own account.

Variables do it for every command. `sam local` needs more: it hands the credentials that it finds to the container, and
asks AWS whose they are. So samconfig.toml gives it a profile that only the twin's own configuration file has. Without
the variables that name this file, SAM finds no such profile, and stops before it sends anything.

The AWS CLI 1 ignores an address in variables and in files for a few services, SQS among them, because it sends them to
older names. Only its option leads to the twin, so it is added to the command. Where nobody can add it, in a shell with
the variables, no connection to AWS is made at all: of all certificates, its clients accept the twin's only.
"""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from cafe.local import emulator
from cafe.local.certificates import CA_FILE
from cafe.local.keys import RootKeys
from cafe.local.layout import WORKSPACE_VARIABLE, Layout
from cafe.local.private_files import write_private
from cafe.local.state import Stack

# SAM says "The config profile (…) could not be found", so the name says what to do.
PROFILE = "type cafe env before sam"
CONTAINER_COMMANDS = (("sam", "local", "invoke"), ("sam", "local", "start-lambda"))
ADDRESS_OPTION = "--endpoint-url"
# Settings of the user that change what a command shows, not where it goes.
HARMLESS = frozenset({"AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_CLI_AUTO_PROMPT", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"})


def client_variables(endpoint_url: str, root_keys: RootKeys, layout: Layout) -> dict[str, str]:
    """Give the variables with which every command of SAM and of the AWS CLI uses the twin."""
    return {
        **emulator.client_environment(endpoint_url, root_keys),
        # So that `cafe` in the same shell means the same stack.
        WORKSPACE_VARIABLE: layout.workspace,
        "AWS_CONFIG_FILE": str(layout.aws_config),
        "AWS_CA_BUNDLE": str(layout.tls / CA_FILE),
        "SAM_CLI_TELEMETRY": "0",
    }


def with_address(command: Sequence[str], endpoint_url: str) -> list[str]:
    """Add the twin's address to a command of the AWS CLI. Other commands stay as they are."""
    if Path(command[0]).name != "aws" or any(word.split("=")[0] == ADDRESS_OPTION for word in command):
        return [*command]
    return [command[0], f"{ADDRESS_OPTION}={endpoint_url}", *command[1:]]


def with_files(command: Sequence[str], layout: Layout) -> list[str]:
    """Add the workspace's files and profile to a command of `sam local`, where samconfig.toml names main's.

    What the command names itself stays. Other commands stay as they are.
    """
    if layout.is_in_samconfig or tuple(command[:3]) not in CONTAINER_COMMANDS:
        return [*command]
    named = {word.split("=")[0] for word in command}
    options = {
        ("--template-file", "--template", "-t"): str(layout.sam_template),
        ("--env-vars", "-n"): str(layout.sam_values),
        ("--profile",): profile(layout),
    }
    added = [part for names, value in options.items() if named.isdisjoint(names) for part in (names[0], value)]
    return [*command[:3], *added, *command[3:]]


def profile(layout: Layout) -> str:
    """Name the profile of a workspace's stack. samconfig.toml has that of main, whose files it names too.

    So SAM refuses to run main's functions in the shell of another workspace, where nobody can add its files.
    """
    return PROFILE if layout.is_in_samconfig else f"cafe workspace {layout.workspace}"


def names_to_remove(environment: Mapping[str, str], variables: Iterable[str]) -> list[str]:
    """Name the user's variables that could lead a client past the twin: profiles, sessions, endpoints of one service.

    AWS adds such variables now and then. So everything that starts with AWS_ is removed, except what is harmless.
    """
    kept = HARMLESS.union(variables)
    return sorted(name for name in environment if name.startswith("AWS_") and name not in kept)


def point_at_twin(environment: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Change an environment so that the commands that get it use the twin."""
    removed = names_to_remove(environment, variables)
    return {name: value for name, value in environment.items() if name not in removed} | dict(variables)


def write_config(stack: Stack, root_keys: RootKeys, layout: Layout) -> None:
    """Write the AWS configuration file with the twin's profile. It goes with the run folder when the twin stops."""
    settings = {
        "region": stack.region,
        "endpoint_url": stack.endpoint_url,
        "aws_access_key_id": root_keys.access_key_id,
        "aws_secret_access_key": root_keys.secret_access_key,
    }
    lines = [f'[profile "{profile(layout)}"]', *(f"{name} = {value}" for name, value in settings.items())]
    write_private(layout.aws_config, "\n".join(lines) + "\n")


def shell_lines(variables: Mapping[str, str | None], shell: str) -> list[str]:
    """Give the statements of a shell that set the variables; those without a value are removed.

    "sh" is what sh, bash and zsh read, "fish" what fish reads.
    """
    set_it, remove_it = _SHELLS[shell]
    return [remove_it(name) if value is None else set_it(name, value) for name, value in variables.items()]


def _fish_quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


_SHELLS: dict[str, tuple[Callable[[str, str], str], Callable[[str], str]]] = {
    "sh": (lambda name, value: f"export {name}={shlex.quote(value)}", lambda name: f"unset {name}"),
    "fish": (lambda name, value: f"set -gx {name} {_fish_quote(value)}", lambda name: f"set -e {name}"),
}
