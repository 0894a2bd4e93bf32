"""Pipeline: is tonight in, what failed, and is every part of the machine well."""

from grafana_foundation_sdk.builders import bargauge, table
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards import machine
from grafana.boards.shared import TO_THE_CAFE
from grafana.columns import (
    A_DAY_IS_OLD,
    COUNT,
    DAY,
    MOMENT,
    ONE_IS_TOO_MANY,
    ONE_IS_WORTH_A_LOOK,
    ORANGE,
    SECONDS,
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
from grafana.redshift import Ask

BAD, NOTABLE = warning(ONE_IS_TOO_MANY), warning(ONE_IS_WORTH_A_LOOK)


def board() -> Dashboard:
    """Build the board."""
    return lay_out(
        Board(
            uid="pipeline",
            title="Pipeline",
            description="Are the branch files in, what was refused and why, and how the functions and queues are.",
            since="now-24h",
            variables=machine.variables(),
            sections=[
                Section(
                    "Tonight",
                    [(5, [(_tonight(), 24)]), (12, [(_nights(), 24)]), (9, [(_missing(), 10), (_freshness(), 14)])],
                ),
                Section(
                    "What needs a look",
                    [(9, [(_unloaded(), 15), (_rejects(), 9)]), (9, [(_disagreeing(), 15), (_unusual(), 9)])],
                ),
                Section("Queues", [(7, [(machine.dead_letters(), 8), (machine.depth(), 8), (machine.oldest(), 8)])]),
                Section(
                    "Functions",
                    [
                        (8, [(machine.errors(), 8), (machine.slowness(), 8), (machine.throttles(), 8)]),
                        (8, [(machine.terminal_failures(), 8), (_load_lag(), 16)]),
                    ],
                ),
                Section(
                    "Warehouse, host and cost",
                    [
                        (8, [(machine.compute(), 8), (machine.cost(), 8), (machine.storage(), 4), (machine.host(), 4)]),
                        (5, [(machine.soundness(), 24)]),
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
            "The night in which the period ends, from noon to noon UTC. Expected and reported are cafés, by each "
            "café's own four weeks before; the files are those that arrived in the night, and what became of them. "
            "Refused files are told by reason below, failed ones need somebody.",
            COUNT,
            0,
        ),
        [Ask(statement("tonight"))],
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
            "Each night up to the end of the period, whatever its beginning: a night of noon to noon UTC, named by "
            "the day on which it begins, which is the day of the sales that it brings.",
            COUNT,
            0,
        ),
        [Ask(statement("nights"))],
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
            "Café-days of the last fourteen days that should be here and are not: the café sold on three of the four "
            "same weekdays before, and the day has ended or most others have reported. Ask the branch. Empty is "
            "good.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("missing_cafes"))],
        [
            Column("day", "Day", DAY, width=130),
            Column("cafe", "Café", look=TO_THE_CAFE),
            count("usual_orders", "Usual orders", 120),
        ],
    )


def _freshness() -> table.Panel:
    return rows(
        About(
            "Freshness",
            "The newest sale that is known of each café, the stalest first, and how many hours ago that was. Yellow "
            "from 30 hours on, red from 48: a night's file should be here by then.",
            COUNT,
            0,
        ),
        [Ask(statement("freshness"))],
        [
            Column("cafe", "Café", look=TO_THE_CAFE),
            Column("last_sale_at", "Newest sale", MOMENT, width=160),
            Column("hours_since_last_sale", "Hours ago", COUNT, 0, 120, warning(A_DAY_IS_OLD)),
        ],
    )


def _unloaded() -> table.Panel:
    return rows(
        About(
            "Files that failed or were refused",
            "Files of the period that are not in the warehouse. Refused: the branch must send it again, the reason "
            "says what is wrong with it. Failed: the pipeline could not take it, the runbooks say what to type.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("unloaded_files"))],
        [
            Column("recorded_at", "When", MOMENT, width=140),
            Column("key", "File", width=320, look=wrapped()),
            Column("outcome", "Outcome", width=80),
            Column("reason", "Reason", width=130),
            Column("detail", "Detail", look=wrapped(), nothing="–"),
        ],
    )


def _rejects() -> bargauge.Panel:
    return bars(
        About(
            "Rows refused, by rule",
            "Rows of the period that broke a rule and were set aside; the rest of their files was loaded. The reject "
            "rules page says of each rule what to do.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("rejects_by_rule"))],
        ORANGE,
    )


def _disagreeing() -> table.Panel:
    return rows(
        About(
            "Café-days that disagree",
            "Café-days of the last thirty days of which two files say different things: most likely a correction "
            "that was sent under another name. Retract the file that is wrong. Empty is good.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("disagreeing_files"))],
        [
            Column("day", "Day", DAY, width=130),
            Column("cafe", "Café", width=130, look=TO_THE_CAFE),
            Column("key", "One file", look=wrapped()),
            Column("other_key", "Other file", look=wrapped()),
        ],
    )


def _unusual() -> table.Panel:
    return rows(
        About(
            "Unusual café-days",
            "Café-days of the last thirty days with less than half or more than twice the orders that the café "
            "usually has on that weekday. A file may be short, or sent twice under different names.",
            COUNT,
            0,
            nothing="None",
        ),
        [Ask(statement("unusual_cafe_days"))],
        [
            Column("day", "Day", DAY, width=130),
            Column("cafe", "Café", look=TO_THE_CAFE),
            count("orders", "Orders", 75),
            count("usual_orders", "Usually", 80),
            Column("share", "Of usual", SHARE, 0, 85),
        ],
    )


def _load_lag() -> Panel:
    return over_time(
        About(
            "From arrival to warehouse",
            "How long the files of each hour took from their receipt by S3 until their sales could be seen here: the "
            "mean, and the slowest.",
            SECONDS,
        ),
        [Ask(statement("load_lag"), series=True)],
        [Column("typical", "Mean"), Column("slowest", "Slowest")],
        totals=["lastNotNull", "max"],
    )
