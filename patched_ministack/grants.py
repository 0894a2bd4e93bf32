"""Record which grants of the deployed policies admitted a call, and which calls were refused.

A test asks for this to find grants that nothing uses. A grant is one action on one resource of one statement. It counts
as used only if no other grant of the caller admitted the same call: then the call fails without it.

GET /_cafe/grants answers {"used": [[principal, Sid, action, resource], …], "refused": [[principal, action], …]}. A
principal is the name of a role or of a user, or a service. DELETE /_cafe/grants forgets all.
"""

import dataclasses
import http
import json
import threading
from collections.abc import Iterator
from typing import Any

from patched_ministack import seams

PATH = "/_cafe/grants"

type Grant = tuple[str, str, str, str]


class Record:
    """What was used and what was refused. Requests are decided in many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: set[Grant] = set()
        self._refused: set[tuple[str, str]] = set()

    def add(self, context: Any, statements: list[Any], decision: str) -> None:
        """Record one decision about the statements of the caller's own policies."""
        principal = principal_of(context.principal_arn)
        with self._lock:
            if decision != "Allow":
                self._refused.add((principal, context.action))
                return
            admitting = list(_admitting(context, statements))
            if len(admitting) == 1:
                self._used.add((principal, *admitting[0]))

    def answer(self) -> bytes:
        """Return the record as JSON."""
        with self._lock:
            return json.dumps({"used": sorted(self._used), "refused": sorted(self._refused)}).encode()

    def forget(self) -> None:
        """Begin again."""
        with self._lock:
            self._used.clear()
            self._refused.clear()


def record_grants() -> None:
    """Record from now on, and answer requests. Call it once, before the emulator serves its first request."""
    record = Record()
    stock_evaluate, stock_handle = seams.EVALUATE_POLICIES.value, seams.HANDLE_BEFORE_BODY.value

    def evaluate(context: Any, policies: list[list[Any]], *limits: Any) -> Any:
        result = stock_evaluate(context, policies, *limits)
        record.add(context, [statement for policy in policies for statement in policy], result.decision)
        return result

    async def handle(method: str, path: str, *request: Any) -> Any:
        if path != PATH:
            return await stock_handle(method, path, *request)
        if method == "DELETE":
            record.forget()
        return http.HTTPStatus.OK, {"Content-Type": "application/json"}, record.answer()

    seams.EVALUATE_POLICIES.replace(evaluate)
    seams.HANDLE_BEFORE_BODY.replace(handle)


def principal_of(arn: str) -> str:
    """Return the name of a role, of a session's role or of a user. Return anything else, such as a service, whole."""
    kind, *names = arn.rpartition(":")[2].split("/")
    if kind == "assumed-role":
        return names[0]
    return names[-1] if kind in {"role", "user"} else arn


def _admitting(context: Any, statements: list[Any]) -> Iterator[tuple[str, str, str]]:
    for statement in statements:
        for action in statement.actions:
            for resource in statement.resources:
                single = dataclasses.replace(statement, actions=[action], resources=[resource])
                if seams.FIRST_MATCH(context, [single], "Allow"):
                    yield statement.sid, action, resource
