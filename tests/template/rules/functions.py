"""House rules for the functions and their event sources."""

from collections.abc import Iterator

from template.stack import Stack


def batches_answer_message_by_message(stack: Stack) -> Iterator[str]:
    """Otherwise one bad message causes its whole batch to be delivered again."""
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        if "ReportBatchItemFailures" not in mapping.properties.get("FunctionResponseTypes", []):
            yield f"{mapping.logical_id}: no ReportBatchItemFailures"


def batches_above_ten_wait_for_a_window(stack: Stack) -> Iterator[str]:
    """Otherwise AWS refuses the mapping. The emulator does not check this."""
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        size = int(mapping.properties.get("BatchSize", 10))
        window = int(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
        if size > 10 and window < 1:
            yield f"{mapping.logical_id}: batches of {size} without a window"


def event_sources_limit_their_concurrency(stack: Stack) -> Iterator[str]:
    """Messages above the limit wait in the queue. Reserved concurrency would use up their tries. AWS's minimum is 2.

    A new account may run ten functions at once; three are left for those that no queue starts.
    """
    limits = {
        mapping.logical_id: int(mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency", 0))
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping")
    }
    for source, limit in limits.items():
        if limit < 2:
            yield f"{source}: MaximumConcurrency {limit or 'missing'}"
    if sum(limits.values()) > 7:
        largest = max(limits, key=limits.__getitem__)
        yield f"{largest}: {sum(limits.values())} at once in all, of the ten functions that a new account may run"
    for function in stack.of_type("AWS::Lambda::Function"):
        if "ReservedConcurrentExecutions" in function.properties:
            yield f"{function.logical_id}: reserved concurrency throttles, and throttles use up tries"


def functions_log_json_to_a_group_of_the_stack(stack: Stack) -> Iterator[str]:
    """A log group that Lambda creates keeps its lines for ever."""
    for function in stack.of_type("AWS::Lambda::Function"):
        logging = function.properties.get("LoggingConfig", {})
        group = stack.target(logging.get("LogGroup"))
        if group is None or group.type != "AWS::Logs::LogGroup":
            yield f"{function.logical_id}: no log group in the stack"
        if logging.get("LogFormat") != "JSON":
            yield f"{function.logical_id}: logs are not JSON"


def log_groups_have_a_retention(stack: Stack) -> Iterator[str]:
    """Logs cost money and name branches, so they are deleted after a stated time."""
    for group in stack.of_type("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group.properties:
            yield f"{group.logical_id}: no RetentionInDays"


def every_function_has_a_role_of_its_own(stack: Stack) -> Iterator[str]:
    """A shared role grants each stage what only another needs. SAM's default role attaches managed policies."""
    users: dict[str, str] = {}
    for function in stack.of_type("AWS::Lambda::Function"):
        role = stack.target(function.properties.get("Role"))
        if role is None or role.logical_id == f"{function.logical_id}Role":
            yield f"{function.logical_id}: no explicit role"
        elif role.logical_id in users:
            yield f"{function.logical_id}: shares {role.logical_id} with {users[role.logical_id]}"
        else:
            users[role.logical_id] = function.logical_id


def functions_fit_python_and_processor(stack: Stack) -> Iterator[str]:
    """All functions run the Python version of the tests. The processor is a parameter."""
    for function in stack.of_type("AWS::Lambda::Function"):
        if function.properties.get("Runtime") != "python3.13":
            yield f"{function.logical_id}: runtime {function.properties.get('Runtime')}"
        if not function.properties.get("Architectures"):
            yield f"{function.logical_id}: no architecture stated"
