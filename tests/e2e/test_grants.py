"""Every grant of the template is used here, or is listed with what needs it and the document that says so.

A grant counts as used if a call was admitted by it alone: without the grant, that call is refused.
"""

import pytest

from e2e.grants import DeployedGrants, Grant, record, use_grants
from e2e.principals import Principals
from e2e.unused_grants import UNUSED

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def used(principals: Principals) -> set[Grant]:
    """The grants that were used, by everybody who has some."""
    record(principals.pipeline, "DELETE")
    use_grants(principals)
    refused = record(principals.pipeline).refused
    assert not refused, f"the work itself was refused: {sorted(refused)}"
    return DeployedGrants(principals).used()


def test_F64_every_grant_is_used_or_listed_with_its_document(principals: Principals, used: set[Grant]) -> None:
    granted = DeployedGrants(principals).all()

    unexplained = {grant for grant in granted - used if (grant.owner, grant.sid, grant.action) not in UNUSED}

    assert not unexplained, "\n".join(map(str, sorted(unexplained)))


def test_no_listed_grant_is_used_or_gone(principals: Principals, used: set[Grant]) -> None:
    granted = {(grant.owner, grant.sid, grant.action) for grant in DeployedGrants(principals).all()}

    assert not UNUSED.keys() & {(grant.owner, grant.sid, grant.action) for grant in used}
    assert UNUSED.keys() <= granted


def test_most_grants_are_used(used: set[Grant]) -> None:
    assert len(used) >= 35
