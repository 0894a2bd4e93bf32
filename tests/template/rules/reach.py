"""House rules for reachability: each reaches what it must, and nothing else (template/reachability.py)."""

from collections.abc import Iterator, Mapping

from template.reachability import BRANCHES, INTERNET, Reachability, unknown_types
from template.stack import Stack

# A name with "/" means objects of a bucket, by prefix or pattern. `operator` may do everything, but reaches no port.
_KEYS_OF_A_BRANCH = (
    "????/*/{}_??-??-????_??-??-??*",
    "????/*/????-??-??-{}.csv*",
    "????/*/????-??-??-{}(*",
    "????/*/????-??-??-{} *",
    "????/*/????-??-??-{}_till-*",
)
_OWN, _ANOTHERS = ([f"DropBucket/{key.format(branch)}" for key in _KEYS_OF_A_BRANCH] for branch in BRANCHES)
MUST_REACH: Mapping[str, Mapping[str, set[str]]] = {
    "BranchUploadPolicy": {name: {"write"} for name in _OWN},
    "HeadOfficePolicy": {"DropBucket/head-office/": {"write"}},
    "DropBucket": {"ArrivalsQueue": {"send"}},
    "ExtractFunction": {
        "ArrivalsQueue": {"take"},
        "DropBucket": {"list"},
        **{name: {"read a version"} for name in ("DropBucket/", "DropBucket/head-office/", *_OWN, *_ANOTHERS)},
        "StagingBucket/extracted/": {"write"},
        "StagingBucket/rejects/": {"write"},
        "ExtractedQueue": {"send"},
        INTERNET: {"tcp any"},  # outside the VPC, where nothing can be closed
    },
    "TransformFunction": {
        "ExtractedQueue": {"take"},
        "StagingBucket/extracted/": {"read"},
        "StagingBucket/rejects/": {"write"},
        "StagingBucket/transformed/": {"write"},
        "TransformedQueue": {"send"},
        INTERNET: {"tcp any"},
    },
    "LoadFunction": {
        "TransformedQueue": {"take"},
        "StagingBucket/mornings/": {"write"},
        "StagingBucket/transformed/": {"write"},
        "MailEndpoint": {"tcp 443"},
        "MorningTopic": {"publish"},
        "SecretsEndpoint": {"tcp 443"},
        "WarehouseSecret": {"read"},
        "WarehouseWorkgroup": {"tcp 5439"},
    },
    "WarehouseWorkgroup": {  # COPY
        "StagingBucket": {"list"},
        "StagingBucket/rejects/": {"read"},
        "StagingBucket/transformed/": {"read"},
    },
    "GrafanaHost": {
        "DashboardsBucket": {"list"},
        "DashboardsBucket/": {"read"},
        "SecretsEndpoint": {"tcp 443"},
        "GrafanaSecret": {"read"},
        "WarehouseWorkgroup": {"query"},  # by the Data API, not its port
        "Redshift Data API": {"follow"},
        "CloudWatch": {"read metrics"},
        "Session Manager": {"accept sessions"},
        INTERNET: {"tcp 443"},  # Docker, Grafana's image and the plugin catalogue
    },
    "Balancer": {"GrafanaHost": {"tcp 3000"}},
    "anyone": {"Balancer": {"tcp 443"}},
}
# Resources that are there with some parameters only, and what is reached through them only.
OPTIONAL = {"Balancer": set(), "MailEndpoint": {"MorningTopic"}}


def each_reaches_what_it_must_and_nothing_else(stack: Stack) -> Iterator[str]:
    """A route, a name, a group or a policy that is missing shows only on AWS; one too many shows nowhere."""
    model = Reachability(stack)
    reached = model.matrix()
    absent = OPTIONAL.keys() - stack.resources.keys()
    closed = {target for optional in absent for target in OPTIONAL[optional]}
    for actor in {**MUST_REACH, **reached}.keys() - absent:
        if actor not in reached:
            yield f"{actor}: is not in the template"
            continue
        must = {target: verbs for target, verbs in MUST_REACH.get(actor, {}).items() if target not in closed}
        if actor == "operator":
            must = {target: set(verbs) for target, verbs in model.requests.items()}
        for target in sorted({*reached[actor], *must} - absent):
            found, wanted = reached[actor].get(target, frozenset()), must.get(target, set())
            for verb in sorted(wanted - found):
                yield f"{actor}: does not reach {target} ({verb}): {model.obstacle(actor, target, verb)}"
            for verb in sorted(found - wanted):
                yield f"{actor}: reaches {target} ({verb}), which it does not need"


def everything_that_decides_reach_is_modelled(stack: Stack) -> Iterator[str]:
    """What the model overlooks could open or close a way that the table then has wrong."""
    for resource in unknown_types(stack):
        yield f"{resource.logical_id}: template/reachability.py does not know {resource.type}"
