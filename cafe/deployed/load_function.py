"""Invoke the load function by hand: to migrate the warehouse, to check it, or to retract a file."""

import json
from typing import Any

from cafe.deployed.environment import Environment
from cafe.errors import CafeError


def invoke_load(environment: Environment, request: str, argument: object = True) -> dict[str, Any]:
    """Invoke load with ``{request: argument}`` and return its answer. Raises CafeError if it failed."""
    answer = environment.client("lambda").invoke(
        FunctionName=environment.fact("load/function/name"), Payload=json.dumps({request: argument}).encode()
    )
    if "FunctionError" in answer:
        # The answer itself is not shown: a function's error belongs in the logs.
        raise CafeError(
            f"The load function failed to {request}.", f"See the log group {environment.fact('load/logs/group')}."
        )
    payload: dict[str, Any] = json.load(answer["Payload"])
    return payload
