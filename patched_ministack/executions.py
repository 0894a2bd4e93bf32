"""Let Lambda do with a function's role only what the role allows: pull messages, delete them, and write logs.

On AWS, Lambda's pollers and its log writer use the function's role. ministack uses no role for these, so that a grant
that is missing would show on AWS only. Sources: "Using Lambda with Amazon SQS" and "Defining Lambda function
permissions with an execution role" of the Lambda guide.
"""

import contextvars
from typing import Any

from patched_ministack import customer_keys, seams
from patched_ministack.roles import may

# What a function needs so that Lambda polls a queue for it.
POLLING = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")


def act_under_the_functions_role() -> None:
    """Apply every patch. Call it once, before the emulator serves its first request."""
    poll_with_permission()
    delete_with_permission()
    log_with_permission()


def poll_with_permission() -> None:
    """Take no messages for a function whose role may not take them: they wait in the queue."""
    stock_concurrency = seams.EVENT_SOURCE_CONCURRENCY.value

    def concurrency(source: dict[str, Any], function: dict[str, Any], config: Any, queue: dict[str, Any]) -> int:
        # ministack asks at each of its polls, hundreds of times a second.
        is_allowed = not queue["messages"] or all(
            may(_role(function), action, source["EventSourceArn"]) for action in POLLING
        )
        return int(stock_concurrency(source, function, config, queue)) if is_allowed else 0

    seams.EVENT_SOURCE_CONCURRENCY.replace(concurrency)


def delete_with_permission() -> None:
    """Leave messages in the queue after a batch whose function's role may not delete them: they are delivered again."""
    batch: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("batch")
    stock_run, stock_delete = seams.RUN_BATCH.value, seams.DELETE_BATCH.value

    def run_batch(source: dict[str, Any], function: dict[str, Any], *more: Any) -> None:
        mark = batch.set((_role(function), source["EventSourceArn"]))
        try:
            stock_run(source, function, *more)
        finally:
            batch.reset(mark)

    def delete(*arguments: Any) -> None:
        role, queue = batch.get()
        if may(role, "sqs:DeleteMessage", queue):
            stock_delete(*arguments)

    seams.RUN_BATCH.replace(run_batch)
    seams.DELETE_BATCH.replace(delete)


def log_with_permission() -> None:
    """Drop the lines of a function whose role may not write them, or not encrypt them. The function itself goes on."""
    stock_emit = seams.EMIT_LOGS.value

    def emit(function: dict[str, Any], *more: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        arn = f"arn:aws:logs:{seams.REGION()}:{seams.ACCOUNT_ID()}:log-group:{group}:log-stream:"
        if all(may(_role(function), action, arn) for action in LOGGING) and customer_keys.role_may_log(
            _role(function), group
        ):
            stock_emit(function, *more, **named)

    seams.EMIT_LOGS.replace(emit)


def _role(function: dict[str, Any]) -> str:
    return str((function.get("config") or function)["Role"])
