"""Give the functions keys that nobody can compute.

ministack computes the key, the secret and the token of a function's session from its name and its role. Every user of
this machine can read both in the template. So he could sign as the role that reads the warehouse's password.
"""

import hashlib
import hmac
import secrets
from typing import Any

from patched_ministack import seams


def make_unguessable() -> None:
    """Compute them from a secret of this emulator too. A function that starts again gets the same ones, as before."""
    key = secrets.token_bytes(32)

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        account_id = config["FunctionArn"].split(":")[4]
        role = config["Role"].rsplit("/", 1)[-1]
        session = config["FunctionName"][:64]
        keys = keys_of(f"{config['FunctionArn']} {config['Role']}", key)
        seams.REGISTER_SESSION(
            keys["AWS_ACCESS_KEY_ID"],
            {
                "Arn": f"arn:aws:sts::{account_id}:assumed-role/{role}/{session}",
                "UserId": f"{role}:{session}",
                "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
                "SessionToken": keys["AWS_SESSION_TOKEN"],
            },
        )
        return keys

    seams.FUNCTION_CREDENTIALS.replace(execution_credentials)


def keys_of(function: str, key: bytes) -> dict[str, str]:
    """Compute the variables of a function's session, which only who has the key can do."""

    def value(name: str) -> str:
        return hmac.new(key, f"{name} {function}".encode(), hashlib.sha256).hexdigest()

    return {
        "AWS_ACCESS_KEY_ID": f"ASIA{value('id')[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": value("secret"),
        "AWS_SESSION_TOKEN": value("token"),
    }
