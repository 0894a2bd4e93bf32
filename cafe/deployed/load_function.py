"""Invoke the load function by hand: to migrate the warehouse, to check it, or to retract a file."""

import json
from typing import Any

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from cafe.deployed.environment import Environment
from cafe.errors import CafeError


def invoke_load(environment: Environment, request: str, argument: object = True) -> dict[str, Any]:
    """Invoke load once with ``{request: argument}`` and return its answer. Raises CafeError if it failed."""
    try:
        answer = environment.client("lambda").invoke(
            FunctionName=environment.fact("load/function/name"), Payload=json.dumps({request: argument}).encode()
        )
    except (ReadTimeoutError, ConnectionClosedError) as error:
        raise CafeError(
            f"The connection was lost before the load function answered: it may still {request}.",
            f"Before you try again, see the log group {environment.fact('load/logs/group')}.",
        ) from error
    if "FunctionError" in answer:
        # The answer itself is not shown: a function's error belongs in the logs.
        raise CafeError(
            f"The load function failed to {request}.", f"See the log group {environment.fact('load/logs/group')}."
        )
    payload: dict[str, Any] = json.load(answer["Payload"])
    return payload
