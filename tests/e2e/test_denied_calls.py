"""What each role and a branch may not do, tried one by one. A control shows that the call itself is right."""

from typing import Any

import pytest

from e2e.calls import CALLS, EVERYBODY, Call, resolved
from e2e.principals import Principals, refusal

pytestmark = pytest.mark.e2e

# The codes with which the services say that IAM has refused a call.
REFUSALS = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "403",  # of a HEAD request, whose answer has no body
}
DENIED = [
    pytest.param(call, principal, id=f"{principal} may not {call.name}") for call in CALLS for principal in call.denied
]


@pytest.mark.parametrize(("call", "principal"), DENIED)
def test_F64_a_call_is_denied(principals: Principals, call: Call, principal: str) -> None:
    assert code_of(principals, call, principal) in REFUSALS


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.allowed} may {call.name}")
def test_the_same_call_is_allowed_to_the_one_who_may(principals: Principals, call: Call) -> None:
    assert code_of(principals, call, call.allowed) not in REFUSALS


def test_at_least_sixty_calls_are_denied_and_everybody_has_some() -> None:
    assert len(DENIED) >= 60
    assert {principal for call in CALLS for principal in call.denied} == set(EVERYBODY)


def code_of(principals: Principals, call: Call, principal: str) -> str:
    """Make a call. Return the code of its error; "" if there is none."""
    arguments: Any = resolved(call.arguments, principals.pipeline)
    make_call = getattr(principals.client(principal, call.service), call.operation)
    return refusal(lambda: make_call(**arguments))
