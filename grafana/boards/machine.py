"""Panels of the pipeline's machinery, from CloudWatch: queues, functions, warehouse, host, cost."""

import itertools
from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.cloudwatch import MetricsQuery
from grafana_foundation_sdk.builders.dashboard import QueryVariable

from grafana.cloudwatch import ANY, CLOUDWATCH, arithmetic, metric, names
from grafana.columns import (
    A_DAY_IS_OLD,
    COUNT,
    DOLLARS,
    GREEN,
    HOURS,
    MEGABYTES,
    MILLISECONDS,
    ONE_IS_TOO_MANY,
    PERCENT,
    RED,
    SECONDS,
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
# Of Redshift Serverless in eu-west-2, per RPU and hour. The description says so too.
DOLLARS_PER_RPU_HOUR = 0.375
A_DAY = "86400"
A_FEW_PERCENT: Steps = ((None, GREEN), (1, YELLOW), (5, RED))
NAME_OF = "${PROP('Dim.%s')}"
STAGES, QUEUES, ENVIRONMENTS = (
    ("Extract", "Transform", "Load"),
    ("Arrivals", "Extracted", "Transformed"),
    ("dev", "prod"),
)


def variables() -> list[QueryVariable]:
    """Find the functions, queues and warehouse of the cafés' stack by how CloudFormation names them."""
    return [
        names("function", LAMBDA, "Duration", "FunctionName", "/^cafe-.*-(?:Extract|Transform|Load)Function/"),
        names("queue", SQS, VISIBLE, "QueueName", "/^cafe-.*-(?:Arrivals|Extracted|Transformed)Queue/"),
        names(
            "dead_letters", SQS, VISIBLE, "QueueName", "/^cafe-.*-(?:Arrivals|Extracted|Transformed)DeadLetterQueue/"
        ),
        names("workgroup", REDSHIFT, "ComputeSeconds", "Workgroup", "/^cafe-/"),
        names("namespace", REDSHIFT, "DataStorage", "Namespace", "/^cafe-/"),
    ]


def dead_letters() -> stat.Panel:
    """The one number that must be nought."""
    return _queues(
        figures(
            About(
                "Dead letters",
                "Messages that failed for more than a day and were set aside, in each dead-letter queue. From one "
                "on, somebody must look: cafe status names the files, the runbook says what to type.",
                COUNT,
                0,
            ),
            [metric(SQS, VISIBLE, "Maximum", DEAD_LETTERS, label=NAME_OF % "QueueName", period="60")],
            source=CLOUDWATCH,
            steps=ONE_IS_TOO_MANY,
        ),
        "DeadLetterQueue",
    )


def depth() -> timeseries.Panel:
    """How much waits."""
    return _queues(
        _chart(
            About(
                "Messages waiting",
                "Messages in each queue that no function has taken yet. A hill at night that goes down again is "
                "normal.",
                COUNT,
                0,
            ),
            [metric(SQS, VISIBLE, "Maximum", QUEUE, label=NAME_OF % "QueueName")],
        )
    )


def oldest() -> timeseries.Panel:
    """How long it waits."""
    return _queues(
        _chart(
            About(
                "Oldest message",
                "How long the oldest message of each queue has waited. Above 15 minutes files are late, above an "
                "hour something is stuck: both raise an alarm.",
                SECONDS,
            ),
            [metric(SQS, OLDEST, "Maximum", QUEUE, label=NAME_OF % "QueueName")],
        )
    )


def errors() -> timeseries.Panel:
    """Functions that broke off."""
    return _functions(
        _chart(
            About(
                "Function errors",
                "Runs of each function that broke off with an error. Their messages come again.",
                COUNT,
                0,
            ),
            [metric(LAMBDA, "Errors", "Sum", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def slowness() -> timeseries.Panel:
    """How long functions take."""
    return _functions(
        _chart(
            About(
                "Duration, 95 of 100 runs",
                "The time within which 95 of 100 runs of each function ended. They are cut off after two minutes.",
                MILLISECONDS,
            ),
            [metric(LAMBDA, "Duration", "p95", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def throttles() -> timeseries.Panel:
    """Functions that were not let run."""
    return _functions(
        _chart(
            About(
                "Throttled runs",
                "Runs that AWS put off because too many ran at once. Nothing is lost; if it goes on, files are late.",
                COUNT,
                0,
            ),
            [metric(LAMBDA, "Throttles", "Sum", FUNCTION, label=NAME_OF % "FunctionName")],
        )
    )


def terminal_failures() -> timeseries.Panel:
    """What trying again does not mend."""
    return _chart(
        About(
            "Failures that trying again does not mend",
            "Messages that each stage could not carry out for a reason that stays. The first one raises an alarm.",
            COUNT,
            0,
            nothing="None",
        ),
        [metric("Cafe", "TerminalFailures", "Sum", {"service": ANY}, label=NAME_OF % "service")],
    )


def compute() -> timeseries.Panel:
    """What the warehouse works."""
    return _chart(
        About(
            "Warehouse at work",
            "Seconds that the warehouse computed, times its capacity in RPU: what it is paid by. Nothing while it "
            "sleeps.",
            SECONDS,
        ),
        [metric(REDSHIFT, "ComputeSeconds", "Sum", WORKGROUP, label=NAME_OF % "Workgroup")],
    )


def cost() -> timeseries.Panel:
    """What that costs."""
    return over_time(
        About(
            "Warehouse cost by day",
            "What the warehouse's computing cost on each day, in US dollars before tax: RPU seconds at "
            f"${DOLLARS_PER_RPU_HOUR} an RPU and hour. Functions, queues and storage come to cents and are not in it.",
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
    """How much lies in the warehouse."""
    return figures(
        About("Warehouse storage", "How much the warehouse stores.", MEGABYTES, 0),
        [metric(REDSHIFT, "DataStorage", "Maximum", NAMESPACE, label="Stored")],
        source=CLOUDWATCH,
    )


def host() -> stat.Panel:
    """Grafana's own machine."""
    return figures(
        About(
            "Host checks failed",
            "Whether a machine of this account fails EC2's status checks; Grafana's host is one of them. 0 is well.",
            COUNT,
            0,
        ),
        [metric("AWS/EC2", "StatusCheckFailed", "Maximum", {"InstanceId": ANY}, label=NAME_OF % "InstanceId")],
        source=CLOUDWATCH,
        steps=ONE_IS_TOO_MANY,
    )


def soundness() -> stat.Panel:
    """What load's scheduled check found."""
    checks = ("CheckFaults", "CafesMissing", "HoursSinceNewestSale", "RejectedPercent")
    labels = ("Rows at fault", "Cafés missing", "Hours since the newest sale", "Highest share refused")
    return figures(
        About(
            "Soundness of the warehouse",
            "What the check at 07:00 and 22:00 London time found last: rows at fault over all checks (nothing lost, "
            "nothing doubled, every penny accounted for), cafés of the last two days that are missing, hours since "
            "the newest sale; and of the file that was loaded last, which share of its rows was refused.",
            COUNT,
            0,
        ),
        [
            metric("Cafe", check, "Maximum", {"service": "load"}, ref_id=ref_id, label=label)
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
    """Name each series by what it is and where: CloudFormation's name is cafe-dev-ArrivalsQueue-5D57A76659DD."""
    for noun, environment in itertools.product(nouns, ENVIRONMENTS):
        column = Column("", f"{noun.lower()} ({environment})")
        panel.override_by_regexp(f"/^cafe-{environment}-{noun}{kind}/", column.properties())
    return panel
