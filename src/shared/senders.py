"""Who sent a file, as its key in the drop bucket shows: head office, or one café. Pure; makes no AWS calls.

A café may put only keys of its own, by the stack's BranchUploadPolicy. In IAM, ``*`` and ``?`` match ``/`` as well, so
the policy alone would let a café hide another's name in a folder. This strict reading of the key makes it safe: of all
keys that the policy allows to a café, it reads that café or nobody.
"""

import re
import unicodedata

HEAD_OFFICE = "head-office"
HEAD_OFFICE_PREFIX = f"{HEAD_OFFICE}/"
# The rows of a file below this prefix may name SMOKE_CAFE only, a café that does not exist and that no other file may
# name. So a role that may put files below it only, such as the deploy role, can add no sale to a real café.
SMOKE_PREFIX = f"{HEAD_OFFICE_PREFIX}smoke/"
SMOKE_CAFE = "Smoke test"
# leeds_25-08-2021_09-00-00.csv of feed B, 2021-02-23-isle-of-wight.csv of feed A. People add to a name:
# leeds_25-08-2021_09-00-00_done.csv, 2021-02-23-isle-of-wight (1).csv, 2021-02-23-isle-of-wight_till-2.csv.
_CAFES_NAME = (
    r"(?:(?P<feed_b>[^/]+?)_[0-9]{2}-[0-9]{2}-[0-9]{4}_[0-9]{2}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}-(?P<feed_a>[^/]+?)(?:\.csv|[( ]|_till-))[^/]*"
)
_IS_CAFES_NAME = re.compile(_CAFES_NAME, re.DOTALL)
_IS_CAFES_KEY = re.compile(rf"[0-9]{{4}}/[0-9]{{1,2}}/[0-9]{{1,2}}/{_CAFES_NAME}", re.DOTALL)
# What a person adds to the name of a file of one till: leeds_25-08-2021_21-00-00_till-2.csv
_TILL_IN_NAME = re.compile(r"(?<![a-z0-9])till[ _-]?([0-9]{1,3})(?![0-9])", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[\s/_-]+")


def sender_of(key: str) -> str:
    """Return who may put this key: HEAD_OFFICE, a café as the key spells it, or "" if the key speaks for nobody."""
    if key.startswith(HEAD_OFFICE_PREFIX):
        return HEAD_OFFICE
    found = _IS_CAFES_KEY.fullmatch(key)
    return (found["feed_b"] or found["feed_a"]) if found else ""


def cafe_of_key(key: str) -> str:
    """Return the café that the key names, as a person reads it, also in a file of head office; "" if it names none."""
    return sender_of(document_of(key)).replace("_", " ")


def till_of_key(key: str) -> str:
    """Return the number of the till that the name of a file says, such as "2" for ``…_till-2.csv``; "" if it says none.

    Neither a folder nor the café's own name says a till.
    """
    name = key.rpartition("/")[2]
    cafes = _IS_CAFES_NAME.fullmatch(name)
    found = _TILL_IN_NAME.findall(name, cafes.end(cafes.lastgroup or 0) if cafes else 0)
    return found[-1] if found else ""


def is_smoke_test(key: str) -> bool:
    """Return whether the key is that of a file which `cafe smoke` writes."""
    return key.startswith(SMOKE_PREFIX)


def document_of(key: str) -> str:
    """Return the key without head office's prefix. Files of one document are versions of each other.

    So head office corrects a café's file by sending one of the same name.
    """
    return key.removeprefix(HEAD_OFFICE_PREFIX)


def spelling(name: str) -> str:
    """Reduce a café's name to what its spellings share. Case, composed accents, blanks, hyphens and ``_`` do not count.

    ``Southend-on-Sea``, ``southend on sea`` and a key's ``southend-on-sea`` are one café.
    """
    return _BETWEEN_WORDS.sub(" ", unicodedata.normalize("NFC", name).casefold()).strip()
