"""The parameters of the template: the values that CloudFormation takes, its conditions and its rules. Pure.

"Template" is template.yaml as SAM reads it, with intrinsic functions in their long form.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cafe.errors import CafeError, Misused

type Template = Mapping[str, Any]
type Values = Mapping[str, str]

REGION = "AWS::Region"
WHERE_LISTED = "docs/settings.md lists the parameters and their values."


def fill_in(template: Template, given: Values, region: str | None = None) -> dict[str, str]:
    """Return the value of every parameter: the given one, or the template's default.

    Raises Misused for what CloudFormation refuses before it changes anything: a parameter that the template does not
    have, a value out of the parameter's bounds, and values that break one of the template's Rules. Without ``region``,
    the rules about regions do not count.
    """
    declared: Mapping[str, Any] = template["Parameters"]
    unknown = given.keys() - declared.keys()
    if unknown:
        raise Misused(f"The template has no parameter {min(unknown)}.", WHERE_LISTED)
    for name, value in given.items():
        if problem := _problem_of(value, declared[name]):
            raise Misused(f"The parameter {name} cannot be {value!r}: {problem}.", WHERE_LISTED)
    values = {name: str(about.get("Default", "")) for name, about in declared.items()} | dict(given)
    for problem in _broken_rules(template, values, region):
        raise Misused(problem, WHERE_LISTED)
    return values


def conditions_of(template: Template, values: Values) -> dict[str, bool]:
    """Evaluate the template's conditions. Raises CafeError for a function that is not known here."""
    conditions = template.get("Conditions", {})
    return {name: _holds(test, conditions, values) for name, test in conditions.items()}


def _problem_of(value: str, declared: Mapping[str, Any]) -> str:
    """Say why CloudFormation refuses a value of a parameter; "" if it takes it."""
    if declared["Type"] == "Number":
        try:
            number = Decimal(value)
        except InvalidOperation:
            return "it must be a number"
        if not number.is_finite():
            return "it must be a number"
        if "MinValue" in declared and number < declared["MinValue"]:
            return f"the least is {declared['MinValue']}"
        if "MaxValue" in declared and number > declared["MaxValue"]:
            return f"the most is {declared['MaxValue']}"
    allowed = [str(choice) for choice in declared.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"it must be one of {', '.join(allowed)}"
    if not re.fullmatch(declared.get("AllowedPattern", "(?s).*"), value):
        return str(declared.get("ConstraintDescription", f"it must match {declared['AllowedPattern']}"))
    return ""


def _broken_rules(template: Template, values: Values, region: str | None) -> Iterable[str]:
    known = {**values, REGION: region} if region else values
    conditions = template.get("Conditions", {})
    for rule in template.get("Rules", {}).values():
        if region is None and REGION in str(rule):
            continue
        if "RuleCondition" in rule and not _holds(rule["RuleCondition"], conditions, known):
            continue
        for assertion in rule["Assertions"]:
            if not _holds(assertion["Assert"], conditions, known):
                yield assertion["AssertDescription"]


def _holds(test: Any, conditions: Mapping[str, Any], values: Values) -> bool:
    match test:
        case {"Fn::Equals": [left, right]}:
            return _text(left, values) == _text(right, values)
        case {"Fn::Not": [other]}:
            return not _holds(other, conditions, values)
        case {"Fn::Or": list(others)}:
            return any(_holds(other, conditions, values) for other in others)
        case {"Fn::And": list(others)}:
            return all(_holds(other, conditions, values) for other in others)
        case {"Fn::Contains": [list(members), member]}:
            return _text(member, values) in [_text(one, values) for one in members]
        case {"Condition": str(name)}:
            return _holds(conditions[name], conditions, values)
    raise CafeError(f"A condition of the template is not understood: {test}", "Teach cafe/answers/parameters.py.")


def _text(value: Any, values: Values) -> str:
    return values[value["Ref"]] if isinstance(value, dict) else str(value)
