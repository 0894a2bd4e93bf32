"""Record which grants of the deployed policies admitted a call, and which calls were refused.

A test asks for this to find grants that nothing uses. A grant is one action on one resource of one statement. It counts
as used only if no other grant of the caller admitted the same call: then the call fails without it.

GET /_cafe/grants answers {"used": [[principal, Sid, action, resource], …], "refused": [[principal, action], …]}. A
principal is the name of a role or of a user, or a service. DELETE /_cafe/grants forgets all. Used grants are recorded
from the first DELETE on: finding out which grant alone admitted a call takes as long as deciding on it.
"""

import dataclasses
import http
import json
import threading
from collections.abc import Iterator
from typing import Any

from patched_ministack import roles, seams

PATH = "/_cafe/grants"

type Grant = tuple[str, str, str, str]


class Record:
    """What was used and what was refused. Requests are decided in many threads."""

    def __init__(self) -> None:
        self.is_wanted = False
        self._lock = threading.Lock()
        self._used: set[Grant] = set()
        self._refused: set[tuple[str, str]] = set()

    def add(self, context: Any, statements: list[Any]) -> None:
        """Record which of the statements alone allows a call."""
        admitting = list(_admitting(context, statements))
        if len(admitting) == 1:
            with self._lock:
                self._used.add((principal_of(context.principal_arn), *admitting[0]))

    def refuse(self, principal_arn: str, action: str) -> None:
        """Record that a call was refused."""
        with self._lock:
            self._refused.add((principal_of(principal_arn), action))

    def answer(self) -> bytes:
        """Return the record as JSON."""
        with self._lock:
            return json.dumps({"used": sorted(self._used), "refused": sorted(self._refused)}).encode()

    def forget(self) -> None:
        """Begin again."""
        with self._lock:
            self.is_wanted = True
            self._used.clear()
            self._refused.clear()


def record_grants() -> None:
    """Record from now on, and answer requests. Call it once, before the emulator serves its first request."""
    record = Record()
    stock_evaluate, stock_enforce = seams.EVALUATE_POLICIES.value, seams.ENFORCE.value
    stock_handle = seams.HANDLE_BEFORE_BODY.value

    def evaluate(context: Any, policies: list[list[Any]], *limits: Any) -> Any:
        result = stock_evaluate(context, policies, *limits)
        if record.is_wanted and result.decision == "Allow":
            record.add(context, [statement for policy in policies for statement in policy])
        return result

    def enforce(access_key: str, action: str, *request: Any, **named: Any) -> Any:
        # A policy of the caller or of the resource may lack an Allow without a refusal, so only the end counts.
        refusal = stock_enforce(access_key, action, *request, **named)
        if hasattr(refusal, "decision"):
            record.refuse(refusal.principal_arn, action)
        return refusal

    async def handle(method: str, path: str, *request: Any) -> Any:
        if path != PATH:
            return await stock_handle(method, path, *request)
        if method == "DELETE":
            record.forget()
        return http.HTTPStatus.OK, {"Content-Type": "application/json"}, record.answer()

    roles.listeners.append(record.refuse)
    seams.EVALUATE_POLICIES.replace(evaluate)
    seams.ENFORCE.replace(enforce)
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
