"""Judge requests by who sends them, as IAM does: policy variables, S3's condition keys, and the caller in S3's events.

ministack knows the tags of users, roles and sessions, and checks a trust policy for sts:TagSession. It lacks the rest,
and the rules of the drop bucket depend on it.
"""

import contextvars
import json
import re
from functools import cache
from typing import Any

from patched_ministack import seams

# ${aws:PrincipalTag/branch}, ${*} (a star that is no wildcard), or a wildcard. Variables with a default are not read.
_SPECIAL = re.compile(r"\$\{(?P<variable>[^{}]*)\}|(?P<wildcard>[*?])")
_WILDCARDS = {"*": ".*", "?": "."}
_LITERAL_SIGNS = {"*", "?", "$"}
# The condition keys that ministack leaves out, which are also the names of the headers.
_HEADERS = ("x-amz-storage-class", "x-amz-server-side-encryption-customer-algorithm")
_PUT = "s3:PutObject"


def patch_all() -> None:
    """Apply every patch. Call it once, before the emulator serves its first request."""
    fill_in_policy_variables()
    name_resources_exactly()
    judge_uploads_by_their_headers()
    name_the_caller_in_events()


def fill_in_policy_variables() -> None:
    """Fill in the variables of a statement's resources; ministack compares them as they are written.

    A resource with a variable that the request does not have matches nothing. The values are literal: a tag `*` is no
    wildcard. Wildcards match line breaks too, which ministack's do not: a key with one would escape a Deny.
    """

    def first_match(context: Any, statements: list[Any], effect: str) -> Any:
        for statement in statements:
            if (
                statement.effect == effect
                and seams.ACTION_MATCHES(context.action, statement.actions, statement.not_actions)
                and _is_about(statement, context)
                and seams.CONDITIONS_MET(statement.conditions, context)
            ):
                return statement
        return None

    seams.FIRST_MATCH.replace(first_match)


def _is_about(statement: Any, context: Any) -> bool:
    listed = statement.resources or statement.not_resources
    patterns = [pattern for resource in listed if (pattern := _pattern(resource, context))]
    is_listed = any(pattern.fullmatch(context.resource_arn) for pattern in patterns)
    return not listed or is_listed is bool(statement.resources)


def _pattern(resource: str, context: Any) -> re.Pattern[str] | None:
    """Translate a resource into a pattern; None if the request has no value for a variable in it."""
    return _translated(resource, context) if "${" in resource else _same_for_all(resource)


@cache
def _same_for_all(resource: str) -> re.Pattern[str] | None:
    return _translated(resource, None)


def _translated(resource: str, context: Any) -> re.Pattern[str] | None:
    parts, end = [], 0
    for special in _SPECIAL.finditer(resource):
        parts.append(re.escape(resource[end : special.start()]))
        end = special.end()
        if special["wildcard"]:
            parts.append(_WILDCARDS[special["wildcard"]])
            continue
        variable = special["variable"]
        value = variable if variable in _LITERAL_SIGNS else seams.CONDITION_KEY(variable, context)
        if not isinstance(value, str):
            return None
        parts.append(re.escape(value))
    return re.compile("".join(parts) + re.escape(resource[end:]), re.DOTALL)


def name_resources_exactly() -> None:
    """Judge a request by the exact key, and a list of parameters by its path.

    ministack takes `a//b` for `a/b` and `a/` for `a`, which are other keys, and asks for a list of parameters on `*`.
    """
    stock_arn = seams.RESOURCE_ARN.value

    def extract_resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *request: Any) -> str:
        if service == "s3" and path.removeprefix("/").partition("/")[2]:
            return f"arn:aws:s3:::{path.removeprefix('/')}"
        if headers.get("x-amz-target", "").endswith(".GetParametersByPath"):
            _query, region, account = request
            return f"arn:aws:ssm:{region}:{account}:parameter/{json.loads(body)['Path'].strip('/')}"
        return str(stock_arn(service, method, path, headers, body, *request))

    seams.RESOURCE_ARN.replace(extract_resource_arn)


def judge_uploads_by_their_headers() -> None:
    """Give the storage class and the sender's own key (SSE-C) of an upload to the policies; ministack drops both."""
    stock_context = seams.S3_CONTEXT.value

    def s3_service_context(action: str, query: Any, path: str = "", headers: dict[str, str] | None = None) -> Any:
        context = stock_context(action, query, path, headers)
        if action == _PUT:
            context |= {f"s3:{name}": value for name in _HEADERS if (value := (headers or {}).get(name))}
        return context

    seams.S3_CONTEXT.replace(s3_service_context)


def name_the_caller_in_events() -> None:
    """Name the caller in the events of a bucket: `AWS:AROA…:session` for a role; ministack names `EXAMPLE`.

    The example of "Event message structure" in the S3 guide is a user's. What S3 gives for the account's root user is
    not documented; here it is the account's id.
    """
    caller = contextvars.ContextVar("caller", default="")
    stock_pin, stock_event = seams.PIN_REQUEST_CALLER.value, seams.S3_EVENT.value

    def pin_request_caller(headers: dict[str, str], query: Any = None) -> None:
        stock_pin(headers, query)
        identity = seams.CALLER_IDENTITY(seams.ACCESS_KEY_ID(headers, query) or "")
        caller.set(str(identity["userId"]) if identity else "")

    def fire_s3_event(*arguments: Any, record_extra: dict[str, Any] | None = None, **named: Any) -> None:
        # ministack runs this in a thread that has the context of the request.
        who = {"userIdentity": {"principalId": f"AWS:{caller.get()}"}} if caller.get() else {}
        stock_event(*arguments, record_extra={**who, **(record_extra or {})}, **named)

    seams.PIN_REQUEST_CALLER.replace(pin_request_caller)
    seams.S3_EVENT.replace(fire_s3_event)
