"""The template as the house rules read it: expanded by SAM, parameters filled in, references kept.

Rules see plain CloudFormation, so they also check what SAM adds (a default role, an event source).
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE_FILE = Path(__file__).parents[2] / "template.yaml"
GITHUB_FILE = TEMPLATE_FILE.parent / ".github" / "github-oidc.yaml"
REGION = "eu-west-2"
ACCOUNT = "123456789012"
PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"

NO_VALUE = {"Ref": "AWS::NoValue"}  # the property is not there

type Document = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource of the expanded template. ``attributes`` are its keys other than Type and Properties."""

    logical_id: str
    type: str
    properties: Document
    attributes: Document


def balancer_attributes(balancer: Resource) -> Document:
    """Return a balancer's attributes by their keys; none of a resource of another type."""
    return {attribute["Key"]: attribute["Value"] for attribute in balancer.properties.get("LoadBalancerAttributes", [])}


@dataclass(frozen=True)
class Statement:
    """One policy statement. Values that may be a single item or a list are always a list here."""

    owner: Resource
    sid: str
    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    conditions: Document

    def __str__(self) -> str:
        return f"{self.owner.logical_id}/{self.sid}"


class Stack:
    """An expanded template with one set of parameter values."""

    def __init__(self, source: Document, overrides: Mapping[str, str] | None = None) -> None:
        self.parameters: Document = source.get("Parameters", {})
        self._values = {name: str(declared.get("Default", "")) for name, declared in self.parameters.items()}
        self._values.update(overrides or {})
        self._conditions: Document = source.get("Conditions", {})
        self._mappings: Document = source.get("Mappings", {})
        self._rules: Document = source.get("Rules", {})
        self.resources = {
            logical_id: Resource(
                logical_id=logical_id,
                type=declared["Type"],
                properties=self._resolve(declared.get("Properties", {})),
                attributes={key: value for key, value in declared.items() if key not in ("Type", "Properties")},
            )
            for logical_id, declared in expand(source)["Resources"].items()
            if "Condition" not in declared or self._holds(self._conditions[declared["Condition"]])
        }

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these CloudFormation types, in the template's order."""
        return (resource for resource in self.resources.values() if resource.type in types)

    def logged(self) -> Iterator[tuple[Resource, Resource]]:
        """Yield each bucket and balancer that has an access log, with the bucket of its log."""
        for resource in self.of_type("AWS::S3::Bucket", BALANCER):
            settings = resource.properties.get("LoggingConfiguration", {})
            named = settings.get("DestinationBucketName") or balancer_attributes(resource).get("access_logs.s3.bucket")
            if log := self.target(named):
                yield resource, log

    def target(self, reference: Any) -> Resource | None:
        """Return the resource that a Ref or GetAtt names; None for anything else."""
        match reference:
            case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
                return self.resources.get(logical_id)
        return None

    def value(self, parameter: str) -> str:
        """Return a parameter's value in this deployment."""
        return self._values[parameter]

    def refusals(self, region: str = REGION, **parameters: str) -> Iterator[str]:
        """Yield what CloudFormation says when these values break the template's Rules."""
        deployed = copy.copy(self)
        deployed._values = {**self._values, **parameters, "AWS::Region": region}
        for rule in self._rules.values():
            if "RuleCondition" not in rule or deployed._holds(rule["RuleCondition"]):
                for assertion in rule["Assertions"]:
                    if not deployed._holds(assertion["Assert"]):
                        yield assertion["AssertDescription"]

    def notified_topics(self) -> Iterator[Resource]:
        """Yield the topics that alarms notify."""
        alarms = self.of_type("AWS::CloudWatch::Alarm")
        notified = [self.target(action) for alarm in alarms for action in alarm.properties.get("AlarmActions", [])]
        return (topic for topic in self.of_type("AWS::SNS::Topic") if topic in notified)

    def statements(self, *types: str) -> Iterator[Statement]:
        """Yield every policy statement of the resources of these types, or of all types if none is given."""
        for resource in self.resources.values():
            if types and resource.type not in types:
                continue
            inline = [policy["PolicyDocument"] for policy in resource.properties.get("Policies", [])]
            attached = [resource.properties["PolicyDocument"]] if "PolicyDocument" in resource.properties else []
            for document in inline + attached:
                for statement in as_list(document["Statement"]):
                    yield read_statement(resource, statement)

    def text(self, value: Any) -> str:
        """Return a value as text, with an ARN for every resource that it names: a bucket's own, else an invented one.

        A bucket's Ref is its name, as on AWS. Any other Ref becomes an ARN too.
        """
        match value:
            case {"Ref": str(name)}:
                return self._named(name)
            case {"Fn::GetAtt": [str(name), *_]}:
                return self._arn(name)
            case {"Fn::Sub": str(text)}:
                # ${!name} is literal: a variable that IAM fills in.
                filled_in = re.sub(r"\$\{([^!}][^}]*)\}", lambda found: self._substituted(found[1]), text)
                return filled_in.replace("${!", "${")
            case str() | int():
                return str(value)
        raise ValueError(f"these tests cannot read the value {value}")

    def _substituted(self, name: str) -> str:
        return self._arn(name.split(".")[0]) if "." in name else self._named(name)

    def _named(self, name: str) -> str:
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self._values:
            return str(self._values[name])
        if self.resources[name].type == "AWS::S3::Bucket":
            return self.text(self.resources[name].properties["BucketName"])
        return self._arn(name)

    def _arn(self, logical_id: str) -> str:
        resource = self.resources[logical_id]
        if resource.type == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{self._named(logical_id)}"
        service = resource.type.split("::")[1].lower()
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{logical_id}"

    def _resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)} if name in self._values:
                return self._values[name]
            case {"Fn::If": [str(name), when_true, when_false]}:
                return self._resolve(when_true if self._holds(self._conditions[name]) else when_false)
            case {"Fn::FindInMap": [str(name), key, str(attribute)]}:
                return self._mappings[name][str(self._resolve(key))][attribute]
            case dict():
                resolved = {key: self._resolve(item) for key, item in value.items()}
                return {key: item for key, item in resolved.items() if item != NO_VALUE}
            case list():
                return [self._resolve(item) for item in value]
        return value

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Fn::Equals": [left, right]}:
                return bool(str(self._resolve(left)) == str(self._resolve(right)))
            case {"Condition": str(name)}:
                return self._holds(self._conditions[name])
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": conditions}:
                return all(map(self._holds, conditions))
            case {"Fn::Or": conditions}:
                return any(map(self._holds, conditions))
            case {"Fn::Contains": [members, member]}:
                return str(self._resolve(member)) in map(str, members)
        raise ValueError(f"these tests cannot evaluate the condition: {list(condition)}")


@cache
def _parsed(file: Path) -> Document:
    document: Document = yaml_parse(file.read_text(encoding="utf-8"))
    return document


def read_source(file: Path = TEMPLATE_FILE) -> Document:
    """Read a template as SAM does, with intrinsics in their long form. Callers may edit the result."""
    return copy.deepcopy(_parsed(file))


def expand(source: Document) -> Document:
    """Expand a SAM template into plain CloudFormation, as a deployment would."""
    uploaded = copy.deepcopy(source)
    for declared in uploaded["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & declared.get("Properties", {}).keys():
            declared["Properties"][key] = "s3://artifacts/package.zip"
    translator = Translator({}, Parser(), boto_session=_session())
    expanded: Document = translator.translate(uploaded, {})
    return expanded


@cache
def _session() -> boto3.Session:
    """Return a session, for its region alone: SAM asks nothing of AWS."""
    return boto3.Session(region_name=REGION)


def read_statement(owner: Resource, statement: Document) -> Statement:
    """Read a statement of a policy of the owner."""
    return Statement(
        owner=owner,
        sid=statement.get("Sid", "(no Sid)"),
        effect=statement["Effect"],
        principals=tuple(_principals(statement.get("Principal", {}))),
        actions=tuple(as_list(statement.get("Action", []))),
        resources=tuple(as_list(statement.get("Resource", []))),
        conditions=statement.get("Condition", {}),
    )


def _principals(principal: Any) -> Iterator[str]:
    if isinstance(principal, str):
        yield principal
        return
    for named in principal.values():
        yield from as_list(named)


def as_list(value: Any) -> list[Any]:
    """Return a policy's single value or list as a list."""
    return value if isinstance(value, list) else [value]
