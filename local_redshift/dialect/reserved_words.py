"""Words that Redshift reserves and PostgreSQL does not: as names, Redshift takes them in double quotes only.

Source: Reserved words, in Redshift's Database Developer Guide
(https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html).
"""

# No statement that is carried has one of them in a place where a name could be.
RESERVED_NAMES = frozenset(
    """AES128 AES256 ALLOWOVERWRITE AZ64 BACKUP BLANKSASNULL BYTEDICT BZIP2 CREDENTIALS CURRENT_USER_ID DEFLATE DEFRAG
    DELTA DELTA32K DISABLE EMPTYASNULL ENABLE ENCODE ENCRYPT ENCRYPTION EXPLICIT GLOBALDICT256 GLOBALDICT64K GZIP
    IDENTITY IGNORE LUN LUNS LZO LZOP MOSTLY16 MOSTLY32 MOSTLY8 NEW OFF OFFLINE OLD OPEN PARALLEL PERCENT PERMISSIONS
    RAW READRATIO RECOVER REJECTLOG RESORT RESPECT RESTORE SNAPSHOT SYSTEM TAG TDES TEXT255 TEXT32K TRUNCATECOLUMNS
    WALLET""".split()
)
# Keywords of queries too, where only the place decides; as a column's name they are refused.
RESERVED_COLUMN_NAMES = RESERVED_NAMES | frozenset(
    "BETWEEN INTERVAL MINUS NULLS PARTITION PIVOT SYSDATE TIMESTAMP TOP UNNEST UNPIVOT WITHOUT".split()
)
