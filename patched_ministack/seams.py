"""Every name inside ministack that the patches read or replace; no other module here imports ministack.

ministack is an application, not a library: none of these names is promised to stay. So `check` runs before anything is
patched, and refuses a version that the patches were not written for.

To move to a new version of ministack: read its changes to the names below, port the patches, change `VERSION` here
and the pin in requirements/emulator.in, then run `make lock install` and tests/integration/local.
"""

import importlib
import importlib.metadata
from dataclasses import dataclass
from typing import Any

VERSION = "1.5.33"


class IncompatibleMinistack(Exception):
    """The installed ministack is not the one that the patches were written for."""

    def __init__(self, installed: str, missing: list["Seam"]) -> None:
        self.installed = installed
        self.missing = missing
        lines = [
            f"The patches are written for ministack {VERSION}; ministack {installed} is installed.",
            *(f"Missing: {seam}" for seam in missing),
            f"Either pin ministack=={VERSION} in requirements/emulator.in and run: make lock install",
            "or port the patches: patched_ministack/seams.py says how.",
        ]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Seam:
    """One name in a module of ministack, and the patch that needs it. Calling a seam calls what has the name now."""

    module: str
    name: str
    patch: str

    def __str__(self) -> str:
        return f"ministack.{self.module}.{self.name} (used by patched_ministack/{self.patch}.py)"

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.value(*arguments, **named)

    @property
    def is_present(self) -> bool:
        try:
            return hasattr(self._module(), self.name)
        except ImportError:
            return False

    @property
    def value(self) -> Any:
        """What has the name now: ministack's own, until `replace`."""
        return getattr(self._module(), self.name)

    def replace(self, replacement: Any) -> None:
        """Bind the name to something different. Modules of ministack that look the name up find the replacement."""
        setattr(self._module(), self.name, replacement)

    def _module(self) -> Any:
        return importlib.import_module(f"ministack.{self.module}")


def check() -> None:
    """Raise IncompatibleMinistack unless the installed version is `VERSION` and has every name."""
    installed = importlib.metadata.version("ministack")
    missing = [seam for seam in SEAMS if not seam.is_present]
    if installed != VERSION or missing:
        raise IncompatibleMinistack(installed, missing)


MAIN = Seam("app", "main", "__main__")

# CloudFormation: one handler for each resource type, with its functions "create", "update" and "delete".
RESOURCE_HANDLERS = Seam("services.cloudformation.provisioners", "_RESOURCE_HANDLERS", "stand_ins")
CHECK_NESTED_CAPABILITIES = Seam("services.cloudformation.provisioners", "_check_nested_stack_capabilities", "faults")
APPLY_TRANSFORMS = Seam("services.cloudformation.engine", "_apply_transforms", "faults")
ACCOUNT_ID = Seam("core.responses", "get_account_id", "stand_ins")
SCOPED_DICT = Seam("core.responses", "AccountScopedDict", "versions")
REGION = Seam("core.responses", "get_region", "stand_ins")

IMPORT_LOOKUPS = Seam("services.cloudformation.changesets", "_IMPORT_LOOKUPS", "taken_names")
SECRETS = Seam("services.secretsmanager", "_secrets", "taken_names")

# EC2
LAUNCH_INSTANCES = Seam("services.ec2", "_launch_instances_internal", "instances")
TERMINATE_INSTANCES = Seam("services.ec2", "_terminate_instances", "instances")
INSTANCE_PROFILE = Seam("services.ec2", "_resolve_iam_instance_profile", "instances")
INSTANCES = Seam("services.ec2", "_instances", "instances")
INSTANCE_TAGS = Seam("services.ec2", "_tags", "instances")

# Lambda: how a function's worker is made and started
WORKER_CLASS = Seam("core.lambda_runtime", "_worker_class_for", "functions")
PROVIDED_WORKER = Seam("core.lambda_runtime", "ProvidedWorker", "functions")
CODE_DIRECTORY = Seam("services.lambda_svc", "_provided_runtime_code_dir", "functions")
WORKER_ENVIRONMENT = Seam("services.lambda_svc", "_provided_worker_env", "functions")
EXECUTE_WARM = Seam("services.lambda_svc", "_execute_function_warm", "functions")
EXECUTE_PROVIDED_WARM = Seam("services.lambda_svc", "_execute_function_provided_warm", "functions")
LAYER_ZIP = Seam("services.lambda_svc", "_resolve_layer_zip", "functions")
EXTRACTED_DIRECTORY = Seam("services.lambda_svc", "_docker_extracted_dir", "functions")

# Lambda: how an invocation is run
FUNCTIONS = Seam("services.lambda_svc", "_functions", "faults")
INVOKE_ASYNCHRONOUSLY = Seam("services.lambda_svc", "invoke_async_with_retry", "faults")
EXECUTE = Seam("services.lambda_svc", "_execute_function", "faults")
EVENT_SOURCE_PAUSE = Seam("services.lambda_svc", "_ESM_IDLE_WAKE_GAP_SECONDS", "faults")
DISPATCH = Seam("services.lambda_svc", "_execute_function_dispatch", "measures")
ACQUIRE_SLOT = Seam("services.lambda_svc", "_acquire_execution_slot", "measures")
EMIT_METRICS = Seam("services.lambda_svc", "_emit_lambda_metrics", "measures")

# Requests and permissions
SERVICE_HANDLERS = Seam("app", "SERVICE_HANDLERS", "faults")
APP_REQUEST_ORIGIN = Seam("app", "pin_request_origin", "faults")
REQUEST_ORIGIN = Seam("core.iam_evaluator", "pin_request_origin", "faults")
IAM_ACTION = Seam("core.iam_actions", "extract_iam_action", "faults")
SECRET_STRING = Seam("services.cloudformation.provisioners", "_sm_secret_string", "faults")
PUBLIC_IMAGES = Seam("services.ssm", "_PUBLIC_AMI_PARAMETERS", "faults")
HANDLE_BEFORE_BODY = Seam("app", "_handle_pre_body_request", "passing_time")
RECEIVE_BATCH = Seam("services.sqs", "_receive_messages_for_esm", "passing_time")
POLLER_WAKES = Seam("services.lambda_svc", "_esm_wake", "passing_time")

# Who may ask at all
APP = Seam("app", "app", "admission")
HANDLE_AFTER_BODY = Seam("app", "_handle_post_body_shortcuts", "admission")
CREDENTIAL_FAILURE = Seam("app", "_credential_failure", "admission")
ROUTING_PARAMETERS = Seam("app", "_routing_params", "admission")
SERVICE_OF = Seam("app", "detect_service", "admission")
IS_ROOT_KEY = Seam("core.iam_evaluator", "is_root_access_key", "admission")
STS_IS_ROOT_KEY = Seam("services.sts", "is_root_access_key", "admission")
PIN_SIGNED_REQUEST = Seam("app", "pin_signed_request", "admission")
SKIPS_SIGNATURE = Seam("core.iam_evaluator", "_is_root_key", "admission")
SIGNED_REQUEST = Seam("core.iam_evaluator", "_signed_request", "admission")
AUTHENTICATE = Seam("core.iam_evaluator", "authenticate", "admission")
AUTHENTICATION_FAILURE = Seam("core.iam_evaluator", "AuthError", "admission")
PRESIGNED_FAILURE = Seam("services.s3", "_verify_presigned_sigv4", "admission")
FUNCTION_CREDENTIALS = Seam("services.lambda_svc", "execution_credentials", "session_keys")
REGISTER_SESSION = Seam("services.sts", "register_session", "session_keys")

# Who sends a request, and what its policies allow
FIRST_MATCH = Seam("core.iam_evaluator", "_first_match", "principals")
ACTION_MATCHES = Seam("core.iam_evaluator", "_action_matches", "principals")
CONDITIONS_MET = Seam("core.iam_evaluator", "_conditions_met", "principals")
CONDITION_KEY = Seam("core.iam_evaluator", "_resolve_condition_key", "principals")
CALLER_IDENTITY = Seam("core.iam_evaluator", "resolve_caller_identity", "principals")
PIN_REQUEST_CALLER = Seam("core.iam_evaluator", "pin_request_caller", "principals")
ACCESS_KEY_ID = Seam("core.router", "extract_access_key_id", "principals")
S3_CONTEXT = Seam("core.iam_actions", "s3_service_context", "principals")
RESOURCE_ARN = Seam("core.iam_actions", "extract_resource_arn", "principals")
S3_EVENT = Seam("services.s3", "_fire_s3_event", "principals")
OBJECT_VERSIONS = Seam("services.s3", "_object_versions", "versions")
LIST_OBJECT_VERSIONS = Seam("services.s3", "_list_object_versions", "versions")
QUERY_VALUE = Seam("services.s3", "_qp", "versions")

# Schedules, and the roles that they act under
TICK_INTERVAL = Seam("services.scheduler", "_SCHEDULE_TICK_INTERVAL", "schedules")
TICK_SCHEDULES = Seam("services.scheduler", "_tick_schedules", "schedules")
SCHEDULES = Seam("services.scheduler", "_schedules", "schedules")
LAST_FIRED = Seam("services.scheduler", "_schedule_last_fired", "schedules")
INVOKE_TARGET = Seam("services.eventbridge", "_invoke_target", "schedules")
FUNCTION_OF = Seam("services.lambda_svc", "_get_func_record_for_ref", "schedules")
SEND_MESSAGE = Seam("services.sqs", "_act_send_message", "schedules")

# What a role may do, and what Lambda does with it
EVALUATION_CONTEXT = Seam("core.iam_evaluator", "EvalContext", "roles")
EVALUATE_POLICIES = Seam("core.iam_evaluator", "evaluate", "roles")
ROLE_POLICIES = Seam("core.iam_evaluator", "_gather_role_policies", "roles")
PARSE_POLICY = Seam("core.iam_evaluator", "parse_policy_document", "roles")
ENFORCE = Seam("core.iam_evaluator", "enforce", "grants")
EVENT_SOURCE_CONCURRENCY = Seam("services.lambda_svc", "_sqs_esm_concurrency", "executions")
RUN_BATCH = Seam("services.lambda_svc", "_run_sqs_batch", "executions")
DELETE_BATCH = Seam("services.sqs", "_delete_messages_for_esm", "executions")
EMIT_LOGS = Seam("services.lambda_svc", "_emit_lambda_logs", "executions")

# What a customer's key decides
KEY = Seam("services.kms", "_resolve_key", "customer_keys")
RESOURCE_POLICY = Seam("core.iam_evaluator", "evaluate_resource_policy", "customer_keys")
ERROR = Seam("core.responses", "error_response_json", "customer_keys")
LOG_GROUPS = Seam("services.cloudwatch_logs", "_log_groups", "customer_keys")
LOG_GROUP_NAME = Seam("services.cloudwatch_logs", "_resolve_log_group_name", "customer_keys")
CREATE_LOG_GROUP = Seam("services.cloudwatch_logs", "_create_log_group", "customer_keys")
PUT_LOG_EVENTS = Seam("services.cloudwatch_logs", "_put_log_events", "customer_keys")
GET_LOG_EVENTS = Seam("services.cloudwatch_logs", "_get_log_events", "customer_keys")
FILTER_LOG_EVENTS = Seam("services.cloudwatch_logs", "_filter_log_events", "customer_keys")
FIND_SECRET = Seam("services.secretsmanager", "_resolve", "customer_keys")
CREATE_SECRET = Seam("services.secretsmanager", "_create_secret", "customer_keys")
UPDATE_SECRET = Seam("services.secretsmanager", "_update_secret", "customer_keys")
GET_SECRET_VALUE = Seam("services.secretsmanager", "_get_secret_value", "customer_keys")
PUT_SECRET_VALUE = Seam("services.secretsmanager", "_put_secret_value", "customer_keys")
RESOLVE_SECRET = Seam("services.secretsmanager", "resolve_secret_string", "customer_keys")
TOPICS = Seam("services.sns", "_topics", "customer_keys")
ALARM_HISTORY = Seam("services.cloudwatch", "_history_entries", "customer_keys")

# Queues, logs and metrics
QUEUES = Seam("services.sqs", "_queues", "measures")
APPEND_LOG_EVENTS = Seam("services.cloudwatch_logs", "_append_log_events", "measures")
RECORD_METRIC = Seam("services.cloudwatch", "record_metric", "measures")
METRIC_DATA = Seam("services.cloudwatch", "_metric_bucket", "measures")
DIMENSIONS_KEY = Seam("services.cloudwatch", "_dims_key", "measures")

# Alarms
EVALUATE_ALARM = Seam("services.cloudwatch", "_evaluate_alarm", "alarms")
EVALUATE_PARENT_ALARMS = Seam("services.cloudwatch", "_evaluate_parent_alarms", "alarms")
ALARMS = Seam("services.cloudwatch", "_alarms", "alarms")
RECORD_HISTORY = Seam("services.cloudwatch", "_record_history", "alarms")
DISPATCH_ALARM_ACTIONS = Seam("services.cloudwatch", "_dispatch_alarm_actions", "alarms")
METRICS = Seam("services.cloudwatch", "_metrics", "alarms")
DIMENSIONS_FROM_LIST = Seam("services.cloudwatch", "_dims_from_list", "alarms")
STATISTICS = Seam("services.cloudwatch", "_calc_stats", "alarms")
STATISTIC_VALUE = Seam("services.cloudwatch", "_stat_value", "alarms")

SEAMS = tuple(value for value in list(globals().values()) if isinstance(value, Seam))
