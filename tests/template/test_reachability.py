"""The matrix of who reaches what, as the command prints it; and what the model refuses to judge."""

import pytest

from template.host_breakages import WITH_A_BALANCER
from template.reachability import INTERNET, Reachability, render
from template.stack import Document, Stack, read_source


def test_the_printed_matrix_names_every_actor_and_shows_each_secret_with_its_readers() -> None:
    model = Reachability(Stack(read_source(), WITH_A_BALANCER))

    heading, *lines = render(model.matrix(), (*model.requests, *model.listeners, INTERNET)).splitlines()

    columns = {actor: heading.index(f" {actor}") + 1 for actor in model.actors}
    readers = {
        line.split()[0]: {actor for actor, column in columns.items() if line[column:].startswith("read")}
        for line in lines
        if "Secret " in line
    }
    assert readers == {
        "WarehouseSecret": {"LoadFunction", "operator"},
        "GrafanaSecret": {"GrafanaHost", "operator"},
    }


def test_load_takes_messages_by_lambda_and_cannot_send_any_itself() -> None:
    reached = Reachability(Stack(read_source())).matrix()

    queues = {target: verbs for target, verbs in reached["LoadFunction"].items() if target.endswith("Queue")}

    assert queues == {"TransformedQueue": {"take"}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(
            "PublicInternetRoute.DestinationCidrBlock", "10.0.0.0/8", id="a route to somewhere else than the internet"
        ),
        pytest.param("BalancerSecurityGroup.SecurityGroupEgress", [{"IpProtocol": "-1"}], id="a rule without a range"),
        pytest.param(
            "BalancerSecurityGroup.SecurityGroupEgress",
            [{"IpProtocol": "-1", "CidrIp": "10.20.16.0/25"}],
            id="a rule for a part of a subnet",
        ),
        pytest.param(
            "ArrivalsQueuePolicy.PolicyDocument",
            {"Statement": [{"Effect": "Deny", "Principal": "*", "NotAction": "sqs:SendMessage", "Resource": "*"}]},
            id="a statement about all actions but one",
        ),
        pytest.param(
            "DropBucketPolicy.PolicyDocument.Statement.0.Condition",
            {"StringNotLike": {"aws:SecureTransport": "true"}},
            id="a condition's operator",
        ),
        pytest.param(
            "DropBucketPolicy.PolicyDocument.Statement.0.Condition",
            {"StringNotEquals": {"aws:SecureTransport": "true"}},
            id="a negated operator on a key that has a value",
        ),
        pytest.param(
            "DropBucketPolicy.PolicyDocument.Statement.0.Condition",
            {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
            id="a condition's key",
        ),
    ],
)
def test_the_model_refuses_what_it_cannot_judge(path: str, value: object) -> None:
    source = read_source()
    _set(source["Resources"], path, value)

    with pytest.raises(ValueError, match=r"cannot judge|is a part of"):
        Reachability(Stack(source, WITH_A_BALANCER)).matrix()


def _set(resources: Document, path: str, value: object) -> None:
    logical_id, *parents, last = path.split(".")
    place = resources[logical_id]["Properties"]
    for step in parents:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
