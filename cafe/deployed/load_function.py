"""Ask the load function to do something by hand: migrate the warehouse, check it, retract a file."""

import json
from typing import Any

from cafe.deployed.environment import Environment
from cafe.errors import CafeError


def ask_load(environment: Environment, request: str, argument: object = True) -> dict[str, Any]:
    """Invoke load with ``{request: argument}`` and give its answer. Raises CafeError if it failed."""
    answer = environment.client("lambda").invoke(
        FunctionName=environment.fact("load/function/name"), Payload=json.dumps({request: argument}).encode()
    )
    if "FunctionError" in answer:
        # The answer itself is not shown: what a function's error says is for the logs.
        raise CafeError(
            f"Load was asked to {request}, and failed.", f"See the log group {environment.fact('load/logs/group')}."
        )
    told: dict[str, Any] = json.load(answer["Payload"])
    return told
