"""Patch the faults of ministack that the pipeline would notice."""

import contextvars
import http
import json
import string
import time
from collections.abc import Awaitable, Callable
from typing import Any

from patched_ministack import seams

# AWS retries a throttled asynchronous event until it reaches this age.
MAX_EVENT_AGE_SECONDS = 6 * 60 * 60
THROTTLED_RETRY_SECONDS = 0.1
EVENT_SOURCE_PAUSE_SECONDS = 0.005
# The signs of a generated password, by the property that leaves them out.
SIGNS = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}
ARM_IMAGE_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
ARM_IMAGE = "ami-0c2023a1b2c3d4e60"
# The code of the error, which on AWS nothing has.
MISSING_SERVICE = "ServiceNotEmulated"
LOG_GROUP_PARTS = 7
TAG_ACTIONS = ("TagResource", "UntagResource", "ListTagsForResource")

# A response of ministack: its status, headers and body. A handler is called with method, path, headers, body and query.
type Answer = tuple[int, dict[str, str], bytes]
type Handler = Callable[..., Awaitable[Answer]]


def patch_all() -> None:
    """Apply every patch. Call it once, before the emulator serves its first request."""
    treat_loopback_as_tls()
    keep_reserved_concurrency()
    let_throttled_events_wait()
    poll_event_sources_promptly()
    publish_the_arm_image()
    authorise_batches_as_single_messages()
    name_log_groups_as_policies_do()
    expand_nested_templates()
    name_the_service_that_is_missing()
    put_every_kind_of_sign_into_passwords()


def treat_loopback_as_tls() -> None:
    """Treat every request as one that came over TLS.

    The emulator serves plain HTTP on loopback and evaluates `aws:SecureTransport` for each request. The template's
    statements that refuse plain HTTP would therefore refuse every client.
    """

    def pin_request_origin(source_ip: str, _secure_transport: bool) -> None:
        seams.REQUEST_ORIGIN(source_ip, True)

    seams.APP_REQUEST_ORIGIN.replace(pin_request_origin)


def keep_reserved_concurrency() -> None:
    """Set a function's ReservedConcurrentExecutions: ministack's Lambda API knows it, its CloudFormation drops it."""
    handler = seams.RESOURCE_HANDLERS.value["AWS::Lambda::Function"]
    handler["create"] = _with_concurrency(handler["create"], properties_at=1)
    handler["update"] = _with_concurrency(handler["update"], properties_at=2)


def _with_concurrency(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provisioned(*arguments: Any) -> Any:
        name, attributes = provision(*arguments)
        reserved = arguments[properties_at].get("ReservedConcurrentExecutions")
        seams.FUNCTIONS.value[name]["concurrency"] = None if reserved is None else int(reserved)
        return name, attributes

    return provisioned


def let_throttled_events_wait() -> None:
    """Let an asynchronous event wait for a free execution, as on AWS.

    ministack counts a throttle as a failed attempt. After two of them, a second apart, it drops the event.
    """
    is_asynchronous = contextvars.ContextVar("is_asynchronous", default=False)
    stock_invoke = seams.INVOKE_ASYNCHRONOUSLY.value
    stock_execute = seams.EXECUTE.value

    def invoke_async_with_retry(function: dict[str, Any], event: dict[str, Any]) -> None:
        # ministack copies the context, and so this mark, into the thread that runs the event.
        mark = is_asynchronous.set(True)
        try:
            stock_invoke(function, event)
        finally:
            is_asynchronous.reset(mark)

    def execute_function(function: dict[str, Any], event: dict[str, Any]) -> Any:
        deadline = time.monotonic() + MAX_EVENT_AGE_SECONDS
        while True:
            result = stock_execute(function, event)
            if not (result.get("throttle") and is_asynchronous.get()) or time.monotonic() > deadline:
                return result
            time.sleep(THROTTLED_RETRY_SECONDS)

    seams.INVOKE_ASYNCHRONOUSLY.replace(invoke_async_with_retry)
    seams.EXECUTE.replace(execute_function)


def poll_event_sources_promptly() -> None:
    """Shorten the pause after a poll that found the queues empty.

    A new message wakes ministack's poller at once, but so does the end of every batch. That poll finds nothing and is
    followed by a pause of 50 ms, during which the next stage's message has to wait.
    """
    seams.EVENT_SOURCE_PAUSE.replace(EVENT_SOURCE_PAUSE_SECONDS)


def publish_the_arm_image() -> None:
    """Publish the parameter that names Amazon Linux for arm64; ministack has only the one for x86_64."""
    seams.PUBLIC_IMAGES.value.setdefault(ARM_IMAGE_PARAMETER, ARM_IMAGE)


def authorise_batches_as_single_messages() -> None:
    """Require sqs:SendMessage to send a batch, as AWS does; ministack requires an action that no policy can name.

    The same holds for deleting several messages in one call, and for changing their visibility.
    """
    stock_action = seams.IAM_ACTION.value

    def extract_iam_action(service: str, *request: Any) -> str | None:
        action: str | None = stock_action(service, *request)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    seams.IAM_ACTION.replace(extract_iam_action)


def name_log_groups_as_policies_do() -> None:
    """Compare policies with a log group's ARN that ends in `:*`; ministack leaves that out.

    CloudWatch Logs guide, "Overview of managing access permissions": policies name the group so for all actions except
    those on tags. It is also the ARN that CloudFormation gives. To list the groups, a policy must name them as well.
    """
    stock_arn = seams.RESOURCE_ARN.value

    def extract_resource_arn(service: str, *request: Any) -> str:
        arn = str(stock_arn(service, *request))
        if service != "logs":
            return arn
        *call, region, account = request
        action = str(seams.IAM_ACTION(service, *call))
        if action == "logs:DescribeLogGroups":
            return f"arn:aws:logs:{region}:{account}:log-group::log-stream:"
        # arn:aws:logs:REGION:ACCOUNT:log-group:NAME has seven parts; a stream's ARN has more.
        is_group = ":log-group:" in arn and len(arn.split(":")) == LOG_GROUP_PARTS
        return f"{arn}:*" if is_group and not action.endswith(TAG_ACTIONS) else arn

    seams.RESOURCE_ARN.replace(extract_resource_arn)


def expand_nested_templates() -> None:
    """Expand the SAM template of a nested stack, as AWS does; ministack expands only that of the parent.

    `sam sync` puts the functions' dependencies into such a stack.
    """
    stock_check = seams.CHECK_NESTED_CAPABILITIES.value

    def check_nested_stack_capabilities(parent: str, template: dict[str, Any]) -> None:
        stock_check(parent, template)
        # The last place that sees the template before its resources are made; the caller keeps this very dict.
        expanded = seams.APPLY_TRANSFORMS(template)
        template.clear()
        template.update(expanded)

    seams.CHECK_NESTED_CAPABILITIES.replace(check_nested_stack_capabilities)


def name_the_service_that_is_missing() -> None:
    """Give an error with a code and a reason for a service that ministack does not have.

    ministack's own answer has neither in a place where the AWS SDK looks, so that SAM would print "400" alone.
    """

    class Handlers(dict[str, Handler]):
        def get(self, service: str, default: Handler | None = None) -> Handler | None:  # type: ignore[override]
            return super().get(service, default) or _refuse(service)

    seams.SERVICE_HANDLERS.replace(Handlers(seams.SERVICE_HANDLERS.value))


def _refuse(service: str) -> Handler:
    problem = (
        f"This emulator does not have the service {service}: only AWS can answer this. "
        "docs/development.md lists the SAM commands that work here."
    )
    # Where the SDK looks for the code depends on the service's protocol: in the header, in `__type`, or in XML.
    as_json = json.dumps({"__type": MISSING_SERVICE, "message": problem}).encode()
    as_xml = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{MISSING_SERVICE}</Code><Message>{problem}</Message></Error>"
        "</ErrorResponse>"
    ).encode()

    async def refuse(_method: str, _path: str, headers: dict[str, str], *_request: Any) -> Answer:
        is_form = "x-www-form-urlencoded" in headers.get("content-type", "")
        content_type, body = ("text/xml", as_xml) if is_form else ("application/json", as_json)
        return http.HTTPStatus.BAD_REQUEST, {"Content-Type": content_type, "x-amzn-ErrorType": MISSING_SERVICE}, body

    return refuse


def put_every_kind_of_sign_into_passwords() -> None:
    """Generate a password again until it has a sign of every kind, as RequireEachIncludedType says by default.

    Without it, one password of 40 signs in 120 has no digit, and the namespace refuses it.
    """
    stock_secret = seams.SECRET_STRING.value

    def secret_string(properties: dict[str, Any]) -> str:
        generator = {} if properties.get("SecretString") else properties.get("GenerateSecretString", {})
        kinds = [
            set(signs) - set(generator.get("ExcludeCharacters", ""))
            for exclusion, signs in SIGNS.items()
            if not generator.get(exclusion)
        ]
        while True:
            secret: str = stock_secret(properties)
            password = _password_in(secret, generator)
            if password is None or all(kind & set(password) for kind in kinds if kind):
                return secret

    seams.SECRET_STRING.replace(secret_string)


def _password_in(secret: str, generator: dict[str, Any]) -> str | None:
    """Return what was generated; None if nothing was, or if its kinds of signs do not matter."""
    if not generator or str(generator.get("RequireEachIncludedType", "true")).lower() == "false":
        return None
    if "SecretStringTemplate" in generator:
        return str(json.loads(secret)[generator.get("GenerateStringKey", "password")])
    return secret
