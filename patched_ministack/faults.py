"""Mend the faults of ministack 1.5.33 that the pipeline would notice."""

import contextvars
import time
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import lambda_svc, ssm
from ministack.services.cloudformation import provisioners

# AWS retries a throttled asynchronous event for as long as its greatest age.
GREATEST_EVENT_AGE_SECONDS = 6 * 60 * 60
THROTTLED_RETRY_SECONDS = 0.1
EVENT_SOURCE_PAUSE_SECONDS = 0.005
ARM_IMAGE_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
ARM_IMAGE = "ami-0c2023a1b2c3d4e60"


def mend() -> None:
    """Apply every mend; once, before the emulator serves its first request."""
    treat_loopback_as_tls()
    keep_reserved_concurrency()
    let_throttled_events_wait()
    poll_event_sources_promptly()
    know_the_arm_image()
    authorise_batches_as_single_messages()


def treat_loopback_as_tls() -> None:
    """Say that every request came over TLS.

    The emulator speaks plain HTTP on loopback and evaluates `aws:SecureTransport` as it finds it, so the template's
    statements that refuse plain HTTP would refuse everyone.
    """

    def pin_request_origin(source_ip: str, _secure_transport: bool) -> None:
        iam_evaluator.pin_request_origin(source_ip, True)

    app.pin_request_origin = pin_request_origin


def keep_reserved_concurrency() -> None:
    """Set a function's ReservedConcurrentExecutions; ministack's Lambda API keeps it, its CloudFormation drops it."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    handler["create"] = _with_concurrency(handler["create"], properties_at=1)
    handler["update"] = _with_concurrency(handler["update"], properties_at=2)


def _with_concurrency(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provisioned(*arguments: Any) -> Any:
        name, attributes = provision(*arguments)
        reserved = arguments[properties_at].get("ReservedConcurrentExecutions")
        lambda_svc._functions[name]["concurrency"] = None if reserved is None else int(reserved)
        return name, attributes

    return provisioned


def let_throttled_events_wait() -> None:
    """Let an asynchronous event wait for a free execution, as on AWS.

    ministack counts a throttle as a failed try: after two, a second apart, the event is lost.
    """
    is_asynchronous = contextvars.ContextVar("is_asynchronous", default=False)
    stock_invoke = lambda_svc.invoke_async_with_retry
    stock_execute = lambda_svc._execute_function

    def invoke_async_with_retry(function: dict[str, Any], event: dict[str, Any]) -> None:
        # ministack copies the context into the thread that runs the event, and so this mark with it.
        mark = is_asynchronous.set(True)
        try:
            stock_invoke(function, event)
        finally:
            is_asynchronous.reset(mark)

    def execute_function(function: dict[str, Any], event: dict[str, Any]) -> Any:
        deadline = time.monotonic() + GREATEST_EVENT_AGE_SECONDS
        while True:
            result = stock_execute(function, event)
            if not (result.get("throttle") and is_asynchronous.get()) or time.monotonic() > deadline:
                return result
            time.sleep(THROTTLED_RETRY_SECONDS)

    lambda_svc.invoke_async_with_retry = invoke_async_with_retry
    lambda_svc._execute_function = execute_function


def poll_event_sources_promptly() -> None:
    """Shorten the pause after a look at the queues that found them empty.

    A message wakes ministack's poller at once, but so does the end of every batch. That wake finds nothing, is
    followed by a pause of 50 ms, and the next stage's message, sent meanwhile, waits it out.
    """
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = EVENT_SOURCE_PAUSE_SECONDS


def know_the_arm_image() -> None:
    """Publish the parameter that names Amazon Linux for arm64; ministack knows only the one for x86_64."""
    ssm._PUBLIC_AMI_PARAMETERS.setdefault(ARM_IMAGE_PARAMETER, ARM_IMAGE)


def authorise_batches_as_single_messages() -> None:
    """Ask for sqs:SendMessage where a batch is sent, as AWS does; ministack asks for an action that no policy can name.

    The same goes for deleting, and changing the visibility of, several messages in one call.
    """
    stock_action = iam_actions.extract_iam_action

    def extract_iam_action(service: str, *request: Any) -> str | None:
        action: str | None = stock_action(service, *request)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = extract_iam_action
