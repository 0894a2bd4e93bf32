"""Panels about the pipeline's parts, from CloudWatch: queues, functions, warehouse, host, cost."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.cloudwatch import MetricsQuery
from grafana_foundation_sdk.builders.dashboard import QueryVariable

from grafana.cloudwatch import ANY, CLOUDWATCH, ENVIRONMENT, OUR_METRICS, arithmetic, metric, names, own_environment
from grafana.columns import (
    A_DAY_IS_OLD,
    COUNT,
    DOLLARS,
    DURATION,
    GREEN,
    HOURS,
    MEGABYTES,
    MILLISECONDS,
    ONE_IS_TOO_MANY,
    PERCENT,
    RED,
    YELLOW,
    Column,
    Look,
    Steps,
)
from grafana.panels import About, figures, over_time

FUNCTION, QUEUE, DEAD_LETTERS = {"FunctionName": "$function"}, {"QueueName": "$queue"}, {"QueueName": "$dead_letters"}
WORKGROUP, NAMESPACE = {"Workgroup": "$workgroup"}, {"Namespace": "$namespace"}
SQS, LAMBDA, REDSHIFT = "AWS/SQS", "AWS/Lambda", "AWS/Redshift-Serverless"
VISIBLE, OLDEST = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
# The list price in N. Virginia (patched_ministack/aws_limits.py). The panel's description repeats it.
DOLLARS_PER_RPU_HOUR = 0.375
A_DAY = "86400"
A_FEW_PERCENT: Steps = ((None, GREEN), (1, YELLOW), (5, RED))
NAME_OF = "${PROP('Dim.%s')}"
STAGES, QUEUES = ("Extract", "Transform", "Load"), ("Arrivals", "Extracted", "Transformed")


def variables() -> list[QueryVariable]:
    """Find the functions, queues and warehouse of this environment's stack by the names that CloudFormation generates.

    Both environments may be in one account.
    """
    stack, warehouse = f"/^cafe-${{{ENVIRONMENT}}}-(?:%s)%s/", f"/^cafe-${{{ENVIRONMENT}}}$/"
    stages, queues = "|".join(STAGES), "|".join(QUEUES)
    return [
        own_environment(),
        names("function", LAMBDA, "Duration", "FunctionName", stack % (stages, "Function")),
        names("queue", SQS, VISIBLE, "QueueName", stack % (queues, "Queue")),
        names("dead_letters", SQS, VISIBLE, "QueueName", stack % (queues, "DeadLetterQueue")),
        names("workgroup", REDSHIFT, "ComputeSeconds", "Workgroup", warehouse),
        names("namespace", REDSHIFT, "DataStorage", "Namespace", warehouse),
    ]


def dead_letters() -> stat.Panel:
    """Messages in the dead-letter queues; must be zero."""
    return _queues(
        figures(
            About(
                "Dead letters",
                "Messages that failed for more than a day and were moved to a dead-letter queue. If there is one or "
                "more, somebody must look: cafe status lists the files, the runbook says what to do.",
                COUNT,
                0,
            ),
            [metric(SQS, VISIBLE, "Maximum", DEAD_LETTERS, label=NAME_OF % "QueueName", period="60")],
            source=CLOUDWATCH,
            steps=ONE_IS_TOO_MANY,
        ),
        "DeadLetterQueue",
    )


def waiting() -> timeseries.Panel:
    """Messages in the queues."""
    return _queues(
        _chart(
            About(
                "Messages waiting",
                "Messages in each queue that no function has received yet. A peak at night that falls again is normal.",
                COUNT,
                0,
            ),
            [metric(SQS, VISIBLE, "Maximum", QUEUE, label=NAME_OF % "QueueName")],
        )
    )


def oldest() -> timeseries.Panel:
    """The age of the oldest message in each queue."""
    return _queues(
        _chart(
            About(
                "Oldest message",
                "How long the oldest message of each queue has waited. Above 15 minutes files are late. Above an hour "
                "something is stuck. Both raise an alarm. In hours, minutes and seconds.",
                DURATION,
            ),
            [metric(SQS, OLDEST, "Maximum", QUEUE, label=NAME_OF % "QueueName")],
        )
    )


def errors() -> timeseries.Panel:
    """Runs that failed."""
    return _functions(
        _chart(
            About(
                "Function errors",
                "Runs of each function that failed with an error. Their messages are delivered again.",
                COUNT,
                0,
            ),
            [metric(LAMBDA, "Errors", "Sum", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def durations() -> timeseries.Panel:
    """How long runs take."""
    return _functions(
        _chart(
            About(
                "Duration, 95 of 100 runs",
                "95 of 100 runs of each function took no longer than this. A run is stopped after two minutes.",
                MILLISECONDS,
            ),
            [metric(LAMBDA, "Duration", "p95", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def throttles() -> timeseries.Panel:
    """Runs that AWS delayed."""
    return _functions(
        _chart(
            About(
                "Throttled runs",
                "Runs that AWS delayed because too many ran at the same time. Nothing is lost, but if it continues, "
                "files are late.",
                COUNT,
                0,
            ),
            [metric(LAMBDA, "Throttles", "Sum", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def terminal_failures() -> timeseries.Panel:
    """Messages that fail for a permanent reason."""
    return _chart(
        About(
            "Failures that a retry does not fix",
            "Messages that a stage could not process for a permanent reason. The first one raises an alarm.",
            COUNT,
            0,
            empty_text="None",
        ),
        [metric(OUR_METRICS, "TerminalFailures", "Sum", {"service": ANY}, label=NAME_OF % "service")],
    )


def compute() -> timeseries.Panel:
    """Compute seconds of the warehouse."""
    return _chart(
        About(
            "Warehouse at work",
            "Seconds that the warehouse worked, times its capacity in RPU. AWS charges by this number. There is no "
            "value while the warehouse sleeps. In hours, minutes and seconds.",
            DURATION,
        ),
        [metric(REDSHIFT, "ComputeSeconds", "Sum", WORKGROUP, label=NAME_OF % "Workgroup")],
    )


def cost() -> timeseries.Panel:
    """The daily cost of the compute seconds."""
    return over_time(
        About(
            "Warehouse cost by day",
            f"What the warehouse's work cost on each day, in US dollars before tax, at ${DOLLARS_PER_RPU_HOUR} per RPU "
            "and hour, the list price in N. Virginia. Functions, queues and storage cost only cents and are not "
            "included.",
            DOLLARS,
            2,
        ),
        [
            metric(
                REDSHIFT,
                "ComputeSeconds",
                "Sum",
                WORKGROUP,
                ref_id="A",
                identifier="compute",
                period=A_DAY,
                hidden=True,
            ),
            arithmetic(f"compute / 3600 * {DOLLARS_PER_RPU_HOUR}", ref_id="B", label="Cost", period=A_DAY),
        ],
        source=CLOUDWATCH,
        stacked_bars=True,
    )


def storage() -> stat.Panel:
    """The size of the warehouse's data."""
    return figures(
        About("Warehouse storage", "The size of the data in the warehouse.", MEGABYTES, 0),
        [metric(REDSHIFT, "DataStorage", "Maximum", NAMESPACE, label="Stored")],
        source=CLOUDWATCH,
    )


def host() -> stat.Panel:
    """The machine on which Grafana runs."""
    return figures(
        About(
            "Host checks failed",
            "Whether a machine of this account fails EC2's status checks. Grafana's host is one of them. 0 is good.",
            COUNT,
            0,
        ),
        [metric("AWS/EC2", "StatusCheckFailed", "Maximum", {"InstanceId": ANY}, label=NAME_OF % "InstanceId")],
        source=CLOUDWATCH,
        steps=ONE_IS_TOO_MANY,
    )


def warehouse_checks() -> stat.Panel:
    """The results of load's scheduled check."""
    checks = ("CheckFaults", "CafesMissing", "HoursSinceNewestSale", "RejectedPercent")
    labels = ("Rows at fault", "Cafés missing", "Hours since the newest sale", "Highest share refused")
    return figures(
        About(
            "Are the data right?",
            "The latest results of the check that runs at 07:00 and 22:00 London time. Rows at fault: rows that are "
            "lost, doubled, or whose money does not add up. Cafés missing: those of the last two days. Highest share "
            "refused: the highest share of rows refused in one of the files loaded last.",
            COUNT,
            0,
        ),
        [
            metric(OUR_METRICS, check, "Maximum", {"service": "load"}, ref_id=ref_id, label=label)
            for check, label, ref_id in zip(checks, labels, "ABCD", strict=True)
        ],
        [
            Column(labels[2], labels[2], HOURS, 0, look=Look(A_DAY_IS_OLD)),
            Column(labels[3], labels[3], PERCENT, 1, look=Look(A_FEW_PERCENT)),
        ],
        source=CLOUDWATCH,
        steps=ONE_IS_TOO_MANY,
    )


def _chart(about: About, targets: Sequence[MetricsQuery]) -> timeseries.Panel:
    return over_time(about, targets, source=CLOUDWATCH)


def _queues[P: (stat.Panel, timeseries.Panel)](panel: P, kind: str = "Queue") -> P:
    return _shortened(panel, QUEUES, kind)


def _functions(panel: timeseries.Panel) -> timeseries.Panel:
    return _shortened(panel, STAGES, "Function")


def _shortened[P: (stat.Panel, timeseries.Panel)](panel: P, nouns: Sequence[str], kind: str) -> P:
    """Shorten each series' name: arrivals for CloudFormation's cafe-dev-ArrivalsQueue-5D57A76659DD."""
    for noun in nouns:
        panel.override_by_regexp(f"/^cafe-(?:dev|prod)-{noun}{kind}/", Column("", noun.lower()).properties())
    return panel
