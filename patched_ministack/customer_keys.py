"""Ask a customer's KMS key wherever a service uses it: the state of the key, its policy, and what the caller may do.

ministack keeps the key of a log group and of a secret, drops that of a topic, and asks none of them. On AWS, logs,
passwords and alarms stop if the key's policy lacks the service, if the caller may not use the key, and if the key is
disabled or about to be deleted.

Sources: "Encrypt log data in CloudWatch Logs using AWS KMS" of the CloudWatch Logs guide, "Secret encryption and
decryption" of the Secrets Manager guide, "Key management" of the SNS guide.

No document says how a service answers for a key that is disabled. Here, it answers as for one that refuses it.
"""

import contextvars
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from patched_ministack import roles, seams

DECRYPT, GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
# What CloudWatch Logs does with the key of a group. Since 2025, it also tries this in the name of the one who gives a
# group its key (aws-samples/aws-secure-environment-accelerator#1293).
OF_A_GROUP = ("kms:Encrypt", DECRYPT, GENERATE)
# What it asks of the one who writes lines: AWS's managed policy CloudWatchLogsAPIKeyAccess.
OF_A_WRITER = (DECRYPT, GENERATE, "kms:DescribeKey")
OF_AN_ALARM = (DECRYPT, GENERATE)
LOGS, SECRETS = "logs", "secretsmanager"
# The actions of an alarm, by the state that it goes to.
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
NO_ACCESS = "Access to KMS is not allowed"
NO_ALARM = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."

type Properties = dict[str, Any]
type Answer = tuple[int, dict[str, str], bytes]
type Operation = Callable[..., Answer]

_log = logging.getLogger(__name__)
# Who has sent the request that is served now, and to which service. CloudFormation's own calls have another service.
_caller: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("caller", default=("", ""))


def patch_all() -> None:
    """Apply every patch. Call it once, before the emulator serves its first request."""
    remember_the_caller()
    encrypt_log_groups()
    encrypt_secrets()
    keep_the_keys_of_topics()
    notify_with_permission()


def remember_the_caller() -> None:
    """Remember who may do the request of a service that then asks a key in the caller's name."""
    stock_enforce = seams.ENFORCE.value

    def enforce(access_key: str, action: str, service: str, *request: Any, **named: Any) -> Any:
        refusal = stock_enforce(access_key, action, service, *request, **named)
        if service != "kms":
            _caller.set((access_key, service))
        return refusal

    seams.ENFORCE.replace(enforce)


def encrypt_log_groups() -> None:
    """Refuse a group whose key does not admit CloudWatch Logs for it. Later, nobody reads or writes its lines."""
    handler = seams.RESOURCE_HANDLERS.value["AWS::Logs::LogGroup"]
    handler["create"] = _checking_the_group(handler["create"], properties_at=1)
    handler["update"] = _checking_the_group(handler["update"], properties_at=2)
    stock_create = seams.CREATE_LOG_GROUP.value

    def create_log_group(data: Properties) -> Answer:
        name, key = data.get("logGroupName", ""), data.get("kmsKeyId")
        return stock_create(data) if may_log(name, key, OF_A_GROUP) else _no_group(name)

    seams.CREATE_LOG_GROUP.replace(create_log_group)
    _guard_lines(seams.PUT_LOG_EVENTS, OF_A_WRITER)
    _guard_lines(seams.GET_LOG_EVENTS, (DECRYPT,))
    _guard_lines(seams.FILTER_LOG_EVENTS, (DECRYPT,))


def _checking_the_group(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provisioned(*arguments: Any, **named: Any) -> Any:
        properties = arguments[properties_at]
        name, key = properties.get("LogGroupName", ""), properties.get("KmsKeyId")
        if not may_log(name, key, OF_A_GROUP):
            raise ValueError(json.loads(_no_group(name)[2])["message"])
        return provision(*arguments, **named)

    return provisioned


def _guard_lines(seam: seams.Seam, actions: tuple[str, ...]) -> None:
    stock = seam.value

    def guarded(data: Properties) -> Answer:
        name = seams.LOG_GROUP_NAME(data) or ""
        return stock(data) if may_log(name, key_of_group(name), actions) else _no_group(name)

    seam.replace(guarded)


def may_log(group: str, key: str | None, actions: tuple[str, ...]) -> bool:
    """Whether the group's key admits CloudWatch Logs for it, and the one who sends the request for these actions."""
    if not key:
        return True
    context = {"kms:EncryptionContext:aws:logs:arn": _arn_of_group(group)}
    return admits(key, _name_of(LOGS), OF_A_GROUP, context) and caller_may(key, LOGS, actions, context)


def role_may_log(role_arn: str, group: str) -> bool:
    """Whether Lambda may write a function's lines into the group, with the function's role."""
    key = key_of_group(group)
    if not key:
        return True
    context = {"kms:EncryptionContext:aws:logs:arn": _arn_of_group(group)}
    if not admits(key, _name_of(LOGS), OF_A_GROUP, context):
        return False
    arn, via = seams.KEY(key)["Arn"], _in_the_name_of_the_caller(LOGS, context)
    return all(roles.may(role_arn, action, arn, via) for action in OF_A_WRITER)


def key_of_group(name: str) -> str | None:
    """Return the key of a log group; None if it has none, or if there is no such group."""
    key: str | None = (seams.LOG_GROUPS.value.get(name) or {}).get("kmsKeyId")
    return key


def _arn_of_group(name: str) -> str:
    return f"arn:aws:logs:{seams.REGION()}:{seams.ACCOUNT_ID()}:log-group:{name}"


def _no_group(name: str) -> Answer:
    refused: Answer = seams.ERROR(
        "AccessDeniedException",
        f"The specified KMS key does not exist or is not allowed to be used with Arn '{_arn_of_group(name)}'",
        400,
    )
    return refused


def encrypt_secrets() -> None:
    """Refuse to read or write a secret whose key cannot be used, or not by the one who asks."""
    handler = seams.RESOURCE_HANDLERS.value["AWS::SecretsManager::Secret"]
    stock_provision, stock_create = handler["create"], seams.CREATE_SECRET.value
    stock_update, stock_resolve = seams.UPDATE_SECRET.value, seams.RESOLVE_SECRET.value

    def provision(logical_id: str, properties: Properties, stack_name: str) -> Any:
        _require_a_usable_key(properties.get("KmsKeyId"))
        return stock_provision(logical_id, properties, stack_name)

    def create_secret(data: Properties) -> Answer:
        return stock_create(data) if may_use(data.get("KmsKeyId"), (GENERATE, DECRYPT)) else _no_secret()

    def update_secret(data: Properties) -> Answer:
        # A new key takes the value over from the old one, and has to serve the caller from then on.
        if may_use(_key_of_secret(data), (DECRYPT,)) and may_use(data.get("KmsKeyId"), (GENERATE, DECRYPT)):
            updated: Answer = stock_update(data)
            return updated
        return _no_secret()

    def resolve_secret_string(secret_id: str, *version: Any) -> Any:
        _require_a_usable_key(_key_of_secret({"SecretId": secret_id}))
        return stock_resolve(secret_id, *version)

    handler["create"] = provision
    seams.CREATE_SECRET.replace(create_secret)
    seams.UPDATE_SECRET.replace(update_secret)
    seams.RESOLVE_SECRET.replace(resolve_secret_string)
    _guard_value(seams.GET_SECRET_VALUE, (DECRYPT,))
    _guard_value(seams.PUT_SECRET_VALUE, (GENERATE, DECRYPT))


def _guard_value(seam: seams.Seam, actions: tuple[str, ...]) -> None:
    stock = seam.value

    def guarded(data: Properties) -> Answer:
        _, secret = seams.FIND_SECRET(data.get("SecretId"))
        context = {"kms:EncryptionContext:SecretARN": secret["ARN"]} if secret else {}
        return stock(data) if may_use(_key_of_secret(data), actions, context) else _no_secret()

    seam.replace(guarded)


def may_use(key: str | None, actions: tuple[str, ...], context: Mapping[str, str] | None = None) -> bool:
    """Whether the one who sends a request to Secrets Manager may use the key for it. Without one, AWS's own is used."""
    return not key or (is_usable(key) and caller_may(key, SECRETS, actions, context or {}))


def _key_of_secret(data: Properties) -> str | None:
    _, secret = seams.FIND_SECRET(data.get("SecretId"))
    return secret.get("KmsKeyId") if secret else None


def _require_a_usable_key(key: str | None) -> None:
    if key and not is_usable(key):
        raise ValueError(NO_ACCESS)


def _no_secret() -> Answer:
    refused: Answer = seams.ERROR("AccessDeniedException", NO_ACCESS, 400)
    return refused


def keep_the_keys_of_topics() -> None:
    """Set the key of a topic: ministack's SNS API keeps it, its CloudFormation drops it."""
    handler = seams.RESOURCE_HANDLERS.value["AWS::SNS::Topic"]
    handler["create"] = _with_the_key(handler["create"], properties_at=1)
    handler["update"] = _with_the_key(handler["update"], properties_at=2)


def _with_the_key(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provisioned(*arguments: Any, **named: Any) -> Any:
        arn, attributes = provision(*arguments, **named)
        kept = seams.TOPICS.value[arn]["attributes"]
        kept.pop("KmsMasterKeyId", None)
        if key := arguments[properties_at].get("KmsMasterKeyId"):
            kept["KmsMasterKeyId"] = key
        return arn, attributes

    return provisioned


def notify_with_permission() -> None:
    """Deliver no alarm to a topic whose key does not admit CloudWatch; the alarm's history says so, and the log."""
    stock_dispatch = seams.DISPATCH_ALARM_ACTIONS.value

    def dispatch(alarm: Properties, before: str, after: str, reason: str) -> None:
        field = ACTIONS[after]
        actions = alarm.get(field) or []
        refused = [action for action in actions if not _admits_alarm(action, alarm["AlarmArn"])]
        stock_dispatch({**alarm, field: [action for action in actions if action not in refused]}, before, after, reason)
        for action in refused if alarm.get("ActionsEnabled", True) else ():
            _log.warning("alarm %s: %s: %s", alarm["AlarmName"], action, NO_ALARM)
            seams.ALARM_HISTORY().append(_failed_action(alarm["AlarmName"], action))

    seams.DISPATCH_ALARM_ACTIONS.replace(dispatch)


def _admits_alarm(topic_arn: str, alarm_arn: str) -> bool:
    topic = seams.TOPICS.value.get(topic_arn)
    key = topic["attributes"].get("KmsMasterKeyId") if topic else None
    source = {"aws:SourceAccount": seams.ACCOUNT_ID(), "aws:SourceArn": alarm_arn}
    return not key or admits(key, "cloudwatch.amazonaws.com", OF_AN_ALARM, source)


def _failed_action(alarm_name: str, action: str) -> dict[str, str]:
    return {
        "AlarmName": alarm_name,
        "AlarmType": "MetricAlarm",
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "HistoryItemType": "Action",
        "HistorySummary": f"Failed to execute action {action}",
        "HistoryData": json.dumps(
            {"actionState": "Failed", "notificationResource": action, "publishedMessage": None, "error": NO_ALARM}
        ),
    }


def is_usable(key: str) -> bool:
    """Whether there is such a key of the account, and it is enabled."""
    record = seams.KEY(key)
    return record is not None and record["KeyState"] == "Enabled"


def admits(key: str, service: str, actions: tuple[str, ...], context: Mapping[str, str]) -> bool:
    """Whether the key is usable and its own policy allows the service all of the actions. AWS's own keys allow none."""
    return is_usable(key) and all(
        seams.RESOURCE_POLICY(
            seams.KEY(key)["Policy"],
            seams.EVALUATION_CONTEXT(
                principal_arn=service,
                principal_type="Service",
                principal_account="",
                action=action,
                resource_arn=seams.KEY(key)["Arn"],
                region=seams.REGION(),
                service_context={name.lower(): value for name, value in context.items()},
            ),
            service=service,
        ).decision
        == "Allow"
        for action in actions
    )


def caller_may(key: str, service: str, actions: tuple[str, ...], context: Mapping[str, str]) -> bool:
    """Whether the one who sends the request that a service serves may do the actions with a key, through the service.

    CloudFormation's calls are not judged: the rules of the template hold what its caller may do.
    """
    access_key, served_by = _caller.get()
    return served_by != service or all(
        seams.ENFORCE(
            access_key,
            action,
            "kms",
            seams.REGION(),
            resource_arn=seams.KEY(key)["Arn"],
            service_context=_in_the_name_of_the_caller(service, context),
        )
        is None
        for action in actions
    )


def _in_the_name_of_the_caller(service: str, context: Mapping[str, str]) -> dict[str, str]:
    """Return the condition keys of a call of KMS that a service makes in the name of its caller."""
    return {**context, "kms:ViaService": _name_of(service), "kms:CallerAccount": seams.ACCOUNT_ID()}


def _name_of(service: str) -> str:
    return f"{service}.{seams.REGION()}.amazonaws.com"
