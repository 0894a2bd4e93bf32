"""One night of branch files, and the incidents that may hit it, named by the ids of faults in docs/reliability.md."""

from simulation.schedule import (
    COMMIT,
    CRASH_BEFORE,
    DAY,
    DELAY,
    DUPLICATE,
    ERROR_AFTER,
    ERROR_BEFORE,
    FREEZE,
    HOUR,
    LOSE,
    OUTAGE,
    PURGE,
    RE_EXTRACT,
    RECONCILE,
    REDELIVER,
    REFUSALS,
    REFUSE,
    RETRACT,
    ROW_TOO_LONG,
    SKEW,
    UNACKNOWLEDGED,
    Drop,
    Incident,
)

NIGHT = (
    Drop(1, "head-office/leeds.csv", "#aabc?"),
    Drop(1, "head-office/york.csv", "bcdefgh%"),
    Drop(2, "notes.txt", "a"),
    Drop(3, "head-office/both.csv", ""),
    Drop(5, "head-office/leeds-again.csv", "cde"),
    Drop(40, "head-office/leeds.csv", "abd"),
    Drop(40.5, "head-office/leeds.csv", "abf"),
    Drop(50, "head-office/leeds-again.csv", "cd"),
)
NIGHT_INCIDENTS = {
    "F01 events come twice": [Incident(DUPLICATE, "arrivals", n, 30 * n) for n in range(6)],
    "F02 an event is lost": [Incident(LOSE, "arrivals", 1)],
    "F03 events overtake each other": [Incident(DELAY, "arrivals", 0, DAY), Incident(DELAY, "arrivals", 4, HOUR)],
    "F33 two workers get one message": [Incident(REDELIVER, "load", n, 1) for n in range(2)],
    "F33 a worker runs longer than its messages are hidden": [Incident(FREEZE, "load", n, 2000) for n in (40, 50, 60)],
    "F34 nothing is acknowledged": [Incident(UNACKNOWLEDGED, "load", n) for n in range(2)],
    "F40 F41 answers are lost": [Incident(ERROR_AFTER, "transform", n) for n in range(0, 40, 5)],
    "F45 the warehouse is away for an hour": [Incident(OUTAGE, "warehouse", 1, HOUR)],
    "F45 the warehouse is away for three days": [Incident(OUTAGE, "warehouse", 1, 3 * DAY)],
    "F46 commits never arrive": [Incident(ERROR_BEFORE, COMMIT, n) for n in range(2, 6)],
    "F47 the answers of commits are lost": [Incident(ERROR_AFTER, COMMIT, n) for n in range(2, 6)],
    "F48 the session of a dead process holds the mutex": [Incident(CRASH_BEFORE, COMMIT, 2, 2 * HOUR)],
    "F55 the warehouse refuses statements": [
        Incident(REFUSE, "load", 9 * n, n) for n, refusal in enumerate(REFUSALS) if refusal != ROW_TOO_LONG
    ],
    "F60 reconciled all the time": [Incident(RECONCILE, "", n) for n in (1, 2, 30, 60)],
    "F67 clocks are wrong by a day": [Incident(SKEW, stage, 1, -DAY) for stage in ("extract", "load")],
    "F69 queues are purged": [Incident(PURGE, "transformed", 2), Incident(PURGE, "arrivals", 1)],
    "a key is retracted": [Incident(RETRACT, "head-office/leeds.csv", n) for n in (2, 90)],
    "an older version arrives after a retraction": [
        Incident(DELAY, "arrivals", 4, HOUR),
        Incident(RETRACT, "head-office/leeds-again.csv", 200),
    ],
    "files are extracted again": [
        Incident(RE_EXTRACT, "head-office/leeds.csv", 41),
        Incident(RE_EXTRACT, "head-office/york.csv", 90),
    ],
}
