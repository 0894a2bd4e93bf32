"""Pipeline: have tonight's files arrived, what failed, and does every part work."""

from grafana_foundation_sdk.builders import bargauge, table
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards import machine
from grafana.boards.shared import CAFE, CAFE_ID
from grafana.columns import (
    A_DAY_IS_OLD,
    COUNT,
    DAY,
    HOURS,
    MINUTES,
    MOMENT,
    ONE_IS_TOO_MANY,
    ONE_IS_WORTH_A_LOOK,
    ORANGE,
    SHARE,
    Column,
    Look,
    count,
    warning,
    wrapped,
)
from grafana.layout import Board, Panel, Section, lay_out
from grafana.panels import About, bars, figures, over_time, rows
from grafana.queries import statement
from grafana.redshift import WarehouseQuery

BAD, NOTABLE = warning(ONE_IS_TOO_MANY), warning(ONE_IS_WORTH_A_LOOK)


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="pipeline",
            title="Pipeline",
            description="Which branch files have arrived, what was refused and why, and the state of the machinery.",
            since="now-24h",
            variables=machine.variables(),
            sections=[
                Section(
                    "Tonight",
                    [(6, [(_tonight(), 24)]), (16, [(_nights(), 24)])],
                ),
                Section(
                    "What needs a look",
                    [
                        (6, [(_missing(), 10), (_unusual(), 14)]),
                        (6, [(_unloaded(), 24)]),
                        (6, [(_disagreeing(), 24)]),
                        (8, [(_freshness(), 14), (_rejects(), 10)]),
                    ],
                ),
                Section("Queues", [(7, [(machine.dead_letters(), 8), (machine.waiting(), 8), (machine.oldest(), 8)])]),
                Section(
                    "Functions",
                    [
                        (8, [(machine.errors(), 8), (machine.durations(), 8), (machine.throttles(), 8)]),
                        (7, [(machine.terminal_failures(), 8), (_load_lag(), 16)]),
                    ],
                ),
                Section(
                    "Warehouse, host and cost",
                    [
                        (8, [(machine.compute(), 8), (machine.cost(), 8), (machine.storage(), 4), (machine.host(), 4)]),
                        (6, [(machine.warehouse_checks(), 24)]),
                    ],
                ),
            ],
        )
    )


def _tonight() -> Panel:
    red, notable = Look(ONE_IS_TOO_MANY), Look(ONE_IS_WORTH_A_LOOK)
    return figures(
        About(
            "Files tonight",
            "The night in which the period ends, from noon to noon UTC. A café is expected if it usually reports, "
            "judged by its four weeks before. Files are those that arrived in the night, with their outcome. A table "
            "below gives the reason for each refused file. Somebody must look at each failed file.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("tonight"))],
        [
            count("cafes_expected", "Cafés expected"),
            count("cafes_reported", "Cafés reported"),
            count("files_arrived", "Files arrived"),
            count("files_loaded", "Files loaded"),
            count("files_empty", "Files empty"),
            count("files_rejected", "Files refused", look=notable),
            count("files_failed", "Files failed", look=red),
            count("rows_rejected", "Rows refused", look=notable),
        ],
    )


def _nights() -> table.Panel:
    return rows(
        About(
            "The last fourteen nights",
            "The fourteen nights up to the end of the period, however short the period is. A night lasts from noon to "
            "noon UTC and has the date on which it begins, which is the day of its sales.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("nights"))],
        [
            Column("night", "Night of", DAY, width=150),
            count("cafes_expected", "Cafés expected"),
            count("cafes_reported", "Cafés reported"),
            count("files_arrived", "Files arrived"),
            count("files_loaded", "Files loaded"),
            count("files_rejected", "Files refused", look=NOTABLE),
            count("files_failed", "Files failed", look=BAD),
            count("rows_in", "Rows"),
            count("rows_rejected", "Rows refused", look=NOTABLE),
            Column("last_recorded_at", "Last file at", MOMENT, width=160),
        ],
    )


def _missing() -> table.Panel:
    return rows(
        About(
            "Missing cafés",
            "Days of the last fourteen for which a café should have reported and has not. A café should report if it "
            "sold on three of the four same weekdays before, and the day is over or most other cafés have reported. "
            "Ask the branch. Empty is good.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("missing_cafes"))],
        [
            Column("day", "Day", DAY, width=140),
            CAFE_ID,
            CAFE,
            count("usual_orders", "Usual orders", 120),
        ],
    )


def _freshness() -> table.Panel:
    return rows(
        About(
            "Freshness",
            "The newest sale of each café and how many hours ago it was, the oldest first. Yellow from 30 hours, red "
            "from 48: the file of the night should have arrived by then.",
            COUNT,
            0,
        ),
        [WarehouseQuery(statement("freshness"))],
        [
            CAFE_ID,
            CAFE,
            Column("last_sale_at", "Newest sale", MOMENT, width=160),
            Column("hours_since_last_sale", "Age", HOURS, 0, 90, warning(A_DAY_IS_OLD)),
        ],
    )


def _unloaded() -> table.Panel:
    return rows(
        About(
            "Files that failed or were refused",
            "Files of the period that are not in the warehouse. Rejected: the reason says what is wrong, and the "
            "branch must send the file again. Failed: the pipeline could not load it, and a runbook says what to do.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("unloaded_files"))],
        [
            Column("recorded_at", "When", MOMENT, width=140),
            Column("key", "File", look=wrapped(), least_width=340),
            Column("outcome", "Outcome", width=80),
            Column("reason", "Reason", width=130),
            Column("detail", "Detail", look=wrapped(), empty_text="–", least_width=420),
        ],
    )


def _rejects() -> bargauge.Panel:
    return bars(
        About(
            "Rows refused, by rule",
            "Rows of the period that broke a rule and were set aside. The rest of their files was loaded. The page "
            "Reject rules says what to do for each rule.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("rejects_by_rule"))],
        ORANGE,
    )


def _disagreeing() -> table.Panel:
    return rows(
        About(
            "Café-days that disagree",
            "Days of the last thirty for which two files of a café have different sales, most likely a correction that "
            "was sent under another name. Retract the wrong file. Empty is good.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("disagreeing_files"))],
        [
            Column("day", "Day", DAY, width=140),
            CAFE_ID,
            CAFE,
            Column("key", "One file", look=wrapped(), least_width=340),
            Column("other_key", "Other file", look=wrapped(), least_width=340),
        ],
    )


def _unusual() -> table.Panel:
    return rows(
        About(
            "Unusual café-days",
            "Days of the last thirty on which a café had less than half or more than twice its usual orders for that "
            "weekday. The file may be incomplete, or sent twice under different names.",
            COUNT,
            0,
            empty_text="None",
        ),
        [WarehouseQuery(statement("unusual_cafe_days"))],
        [
            Column("day", "Day", DAY, width=140),
            CAFE_ID,
            CAFE,
            count("orders", "Orders", 75),
            count("usual_orders", "Usually", 80),
            Column("share", "Of usual", SHARE, 1, 85),
        ],
    )


def _load_lag() -> Panel:
    return over_time(
        About(
            "From arrival to warehouse",
            "How long it took from the arrival of a file until its sales were visible here. For each hour, the mean "
            "and the slowest file, in minutes.",
            MINUTES,
            1,
        ),
        [WarehouseQuery(statement("load_lag"), series=True)],
        [Column("typical", "Mean"), Column("slowest", "Slowest")],
        totals=["lastNotNull", "max"],
    )
