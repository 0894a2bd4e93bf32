"""The functions of Redshift that the endpoint carries, by name. A call of any other function is refused.

RENAMED names the functions that PostgreSQL calls otherwise, or that compat.sql defines with Redshift's behaviour. Calls
that PostgreSQL writes differently are rewritten in `calls.py`.
"""

AGGREGATES = frozenset(
    """ANY_VALUE AVG BIT_AND BIT_OR BOOL_AND BOOL_OR COUNT MAX MIN STDDEV STDDEV_POP STDDEV_SAMP
    SUM VARIANCE VAR_POP VAR_SAMP""".split()
)
WINDOW_FUNCTIONS = frozenset(
    """CUME_DIST DENSE_RANK FIRST_VALUE LAG LAST_VALUE LEAD NTH_VALUE NTILE PERCENT_RANK RANK ROW_NUMBER""".split()
)
# With ORDER BY in the window, these need ROWS …, since Redshift has no default frame.
NEED_FRAME = AGGREGATES | {"FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"}
# Not in the guide's list of window functions.
NO_WINDOW = frozenset("ANY_VALUE BIT_AND BIT_OR BOOL_AND BOOL_OR".split())
CONDITIONALS = frozenset("COALESCE DECODE GREATEST LEAST NULLIF NVL NVL2".split())
TIME_FUNCTIONS = frozenset(
    """ADD_MONTHS CONVERT_TIMEZONE DATEADD DATEDIFF DATE_PART DATE_PART_YEAR DATE_TRUNC EXTRACT GETDATE LAST_DAY SYSDATE
    TO_CHAR TO_DATE TO_NUMBER TO_TIMESTAMP""".split()
)
MATHEMATICS = frozenset(
    """ABS ACOS ASIN ATAN ATAN2 CBRT CEIL CEILING COS COT DEGREES DEXP DLOG1 DLOG10 EXP FLOOR LN LOG MOD PI POW POWER
    RADIANS RANDOM ROUND SIGN SIN SQRT TAN TRUNC""".split()
)
TEXT_FUNCTIONS = frozenset(
    """ASCII BTRIM CHARACTER_LENGTH CHARINDEX CHAR_LENGTH CHR CONCAT INITCAP LEFT LEN LENGTH LOWER LPAD LTRIM MD5
    OCTET_LENGTH POSITION QUOTE_IDENT QUOTE_LITERAL REPEAT REPLACE REPLICATE
    REVERSE RIGHT RPAD RTRIM SHA2 SPLIT_PART STRPOS STRTOL SUBSTR SUBSTRING TEXTLEN TO_HEX TRANSLATE TRIM
    UPPER""".split()
)
SYSTEM_FUNCTIONS = frozenset(
    """CURRENT_DATABASE CURRENT_SETTING GROUPING PG_BACKEND_PID PG_CANCEL_BACKEND PG_TERMINATE_BACKEND""".split()
)
# They run on Redshift's leader node, which stores no tables: a query that reads a table cannot call them.
LEADER_FUNCTIONS = frozenset(
    """CURRENT_SCHEMA CURRENT_SCHEMAS HAS_DATABASE_PRIVILEGE HAS_SCHEMA_PRIVILEGE HAS_TABLE_PRIVILEGE VERSION""".split()
)
FUNCTIONS = frozenset().union(
    AGGREGATES,
    WINDOW_FUNCTIONS,
    CONDITIONALS,
    TIME_FUNCTIONS,
    MATHEMATICS,
    TEXT_FUNCTIONS,
    SYSTEM_FUNCTIONS,
    LEADER_FUNCTIONS,
)
# Redshift has them, with rules that PostgreSQL lacks: one ordering for all in a query, other regular expressions.
NOT_IMITATED = frozenset(
    """LISTAGG MEDIAN PERCENTILE_CONT PERCENTILE_DISC REGEXP_COUNT REGEXP_INSTR REGEXP_REPLACE REGEXP_SUBSTR""".split()
)
RENAMED = {
    "AVG": "pg_redshift.avg",
    "DEXP": "exp",
    "DLOG1": "ln",
    "DLOG10": "log",
    "INITCAP": "pg_redshift.initcap",
    "LEN": "char_length",
    "LOWER": "pg_redshift.lower",
    "REPLICATE": "repeat",
    "TEXTLEN": "char_length",
    "UPPER": "pg_redshift.upper",
}
# Redshift's short names of the parts of a date, beside their plurals.
DATE_PARTS = {
    name: part
    for part, names in {
        "millennium": "MILLENNIUM MILLENNIA MIL MILS",
        "century": "CENTURY CENTURIES C CENT CENTS",
        "decade": "DECADE DECADES DEC DECS",
        "year": "YEAR YEARS Y YR YRS",
        "quarter": "QUARTER QUARTERS QTR QTRS",
        "month": "MONTH MONTHS MON MONS",
        "week": "WEEK WEEKS W",
        "day": "DAY DAYS D",
        "hour": "HOUR HOURS H HR HRS",
        "minute": "MINUTE MINUTES M MIN MINS",
        "second": "SECOND SECONDS S SEC SECS",
        "milliseconds": "MILLISECOND MILLISECONDS MS MSEC MSECS MSECOND MSECONDS MILLISEC MILLISECS MILLISECON",
        "microseconds": "MICROSECOND MICROSECONDS MICROSEC MICROSECS MICROSECON USECOND USECONDS US USEC USECS",
        "dow": "DOW DAYOFWEEK DW WEEKDAY",
        "doy": "DOY DAYOFYEAR DY YEARDAY",
        "epoch": "EPOCH",
    }.items()
    for name in names.split()
}
