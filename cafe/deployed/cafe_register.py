"""The register of cafés in the staging bucket: read it, and change it without losing what others write meanwhile."""

import time
from collections.abc import Callable
from itertools import islice

from botocore.exceptions import ClientError

from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from cafe.waiting import growing_pauses
from extract.register import REGISTER_KEY, Register, UnreadableRegister

# S3's answers if the object was changed, deleted or created since it was read, or is being written now.
CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
# Extract adds a café to an open register for each new name that it meets: on a first night, many in some seconds.
MOST_TRIES = 30
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0


def read_register(environment: Environment) -> Register:
    """Read the register. In a new installation there is none yet: it is open and has no cafés. Raises CafeError."""
    register, _etag = _read(environment)
    return register


def change_register(
    environment: Environment, change: Callable[[Register], Register], *, sleep: Callable[[float], None] = time.sleep
) -> Register:
    """Change the register, and return the new one.

    If somebody else wrote it meanwhile, ``change`` is called again with what they wrote; what it raises is passed on.
    If it changes nothing, nothing is written. Raises CafeError.
    """
    for pause in islice(growing_pauses(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS), MOST_TRIES):
        register, etag = _read(environment)
        changed = change(register)
        if changed == register or _is_written(environment, changed, etag):
            return changed
        sleep(pause)
    raise CafeError(
        f"The register of cafés was changed by others {MOST_TRIES} times while this command tried to.",
        "Nothing was changed. Type the command again.",
    )


def _read(environment: Environment) -> tuple[Register, str]:
    """Return the register and its ETag, "" if there is none."""
    bucket = environment.fact("staging/bucket/name")
    try:
        answer = environment.client("s3").get_object(Bucket=bucket, Key=REGISTER_KEY)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchKey":
            return Register(), ""
        raise
    try:
        return Register.parse(answer["Body"].read().decode()), answer["ETag"]
    except (UnreadableRegister, UnicodeDecodeError) as error:
        raise CafeError(
            f"The register of cafés, s3://{bucket}/{REGISTER_KEY}, cannot be read: {error}",
            "Correct the object by hand, and put it back. docs/operations.md#a-new-cafe shows its shape.",
        ) from error


def _is_written(environment: Environment, register: Register, etag: str) -> bool:
    """Write the register if it is still the one that was read."""
    s3, bucket = environment.client("s3"), environment.fact("staging/bucket/name")
    body = register.text().encode()
    try:
        if etag:
            s3.put_object(Bucket=bucket, Key=REGISTER_KEY, Body=body, IfMatch=etag)
        else:
            s3.put_object(Bucket=bucket, Key=REGISTER_KEY, Body=body, IfNoneMatch="*")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in CHANGED:
            return False
        raise
    return True
