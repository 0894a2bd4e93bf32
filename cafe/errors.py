"""The errors of the command line: each says what is wrong, and what to do.

CafeError
├── Misused              the arguments are wrong, or do not go together
├── Interrupted          the user pressed Ctrl-C while JSON was written
├── StackNotUp           the local stack is not running
├── NotDeployed          the stack does not publish a fact
├── AwsRefused           a call to AWS, or to the emulator, failed
├── SystemRefused        the operating system refused a file, a folder or a connection
└── WarehouseError       the warehouse could not be reached, or refused a statement
    └── MissingRelation  the statement names a table or a schema that is not there (yet)
"""

import errno
import re
from collections.abc import Iterable
from typing import ClassVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  the one of botocore
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

SIGN_IN = "Sign in first (aws sso login), or set a profile: AWS_PROFILE=… cafe …"
DEPLOY = "Deploy the stack with `make deploy` or, if it is in another region, set AWS_REGION."
CONNECT = (
    "Check the network or, for the local stack, run `cafe up`. If this shell has the variables of an earlier start, "
    'print the new ones: eval "$(cafe env)"'
)
DEPLOY_LOCALLY = "Run `cafe up`, which deploys the template as it is now."
OTHER_PLACE = "Check the path, and that you may read and write there, or choose another place."
MAKE_ROOM = "Make room on the disk, and type the command again."
# Names of the SDK's own parts, of which nobody has heard who runs `cafe`.
SDK_NAMES = re.compile(r"\b(?:boto3|botocore|urllib3)(?:\.\w+)*", re.IGNORECASE)
EXPIRED_CODES = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "UnrecognizedClientException",
}
DENIED_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


class CafeError(Exception):
    """An error that the user can do something about; shown without a traceback, with exit code 2.

    ``message`` and ``remedy`` are one line each. ``output`` is shown between them, on as many lines as it has: what
    another program wrote, or a list. ``code`` names the kind of the error for scripts (docs/json.md).
    """

    code: ClassVar[str] = "failed"

    def __init__(self, message: str, remedy: str = "", output: str = "") -> None:
        self.message = message
        self.remedy = remedy
        self.output = output
        super().__init__(
            "\n".join(filter(None, (message, output, remedy))) if output else f"{message} {remedy}".strip()
        )


class Misused(CafeError):
    """The arguments are wrong, or do not go together. What was typed decides that alone: nothing was looked up."""

    code = "usage"


class Interrupted(CafeError):
    """The user pressed Ctrl-C. Only a reader of JSON sees this: people know that they did."""

    code = "interrupted"

    def __init__(self) -> None:
        super().__init__("Interrupted: what was read until then is here.", "Run the command again.")


class StackNotUp(CafeError):
    """The local stack of a workspace is not running. ``running`` names the workspaces whose stacks are."""

    code = "stack_not_up"

    def __init__(self, workspace: str, problem: str = "", running: Iterable[str] = ()) -> None:
        others = ", ".join(running)
        super().__init__(
            problem or f"The local stack of the workspace {workspace} is not up.",
            "Run `cafe up` first, or choose an environment on AWS: --env dev."
            + (f" Or put --workspace NAME before the command. Running: {others}." if others else ""),
        )


class NotDeployed(CafeError):
    """A fact that the deployed stack publishes is missing."""

    code = "not_deployed"

    def __init__(self, parameter: str, region: str, remedy: str = DEPLOY) -> None:
        super().__init__(f"The parameter {parameter} does not exist in {region}.", remedy)


class AwsRefused(CafeError):
    """A call to AWS failed. The message says which call and, as AWS gives it, why."""

    code = "aws_refused"


class SystemRefused(CafeError):
    """The operating system refused something. The message says what and, as the system gives it, why."""

    code = "system_refused"


def is_denied(error: Exception) -> bool:
    """Whether AWS refused a call because the caller has no permission for it."""
    return isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in DENIED_CODES


def explain_aws_error(error: BotoCoreError | ClientError) -> AwsRefused:
    """Turn an error of the AWS SDK into a message with a remedy."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "Unknown")
        message = f"AWS refused {error.operation_name} ({code}): {details.get('Message', 'no reason given')}"
        if code in EXPIRED_CODES:
            return AwsRefused(message, SIGN_IN)
        if is_denied(error):
            return AwsRefused(message, "Your role does not have this permission. Ask the person who deploys the stack.")
        return AwsRefused(message)
    if isinstance(
        error,
        NoCredentialsError
        | PartialCredentialsError
        | CredentialRetrievalError
        | ProfileNotFound
        | TokenRetrievalError
        | UnauthorizedSSOTokenError,
    ):
        return AwsRefused(f"There are no usable AWS credentials: {error}.", SIGN_IN)
    if isinstance(error, ConnectionError):
        return AwsRefused(f"AWS does not answer: {error}", CONNECT)
    return AwsRefused(f"The AWS SDK failed: {SDK_NAMES.sub('the AWS SDK', str(error))}")


def explain_os_error(error: OSError) -> SystemRefused:
    """Turn an error of the operating system, such as one of an unwritable folder, into a message with a remedy."""
    why = (error.strerror or str(error) or type(error).__name__).rstrip(".")
    what = f"{error.filename}: {why}." if error.filename else f"{why}."
    remedies = {
        OTHER_PLACE: (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
        MAKE_ROOM: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        CONNECT: (errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH),
    }
    return SystemRefused(what, next((remedy for remedy, numbers in remedies.items() if error.errno in numbers), ""))
