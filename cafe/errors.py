"""What the command line says when it cannot go on: the problem, and what to do about it.

CafeError
├── StackNotUp           the local stack is not running
├── NotDeployed          a fact of the stack is not published
├── AwsRefused           a call to AWS, or to the emulator, failed
└── WarehouseError       the warehouse could not be reached, or refused a statement
    └── MissingRelation  the statement names a table or a schema that is not there (yet)
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

SIGN_IN = "Sign in first (aws sso login), or name a profile: AWS_PROFILE=… cafe …"
EXPIRED_CODES = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "UnrecognizedClientException",
}
DENIED_CODES = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


class CafeError(Exception):
    """An error that its reader can do something about; shown without a traceback, exit code 2."""

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())


class StackNotUp(CafeError):
    """The local stack is not running."""

    def __init__(self, problem: str = "The local stack is not up.") -> None:
        super().__init__(problem, "Run `cafe up` first, or name an environment on AWS: --env dev.")


class NotDeployed(CafeError):
    """A fact that the deployed stack publishes is missing."""

    def __init__(self, parameter: str, region: str) -> None:
        super().__init__(
            f"The parameter {parameter} does not exist in {region}.",
            "Is the stack deployed there? Deploy it with `make deploy`, or set AWS_REGION.",
        )


class AwsRefused(CafeError):
    """A call to AWS failed; says which one and why, in AWS's words."""


def explain_aws_error(error: BotoCoreError | ClientError) -> AwsRefused:
    """Put an error of the AWS SDK into words that say what to do next."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "Unknown")
        message = f"AWS refused {error.operation_name} ({code}): {details.get('Message', 'no reason given')}"
        if code in EXPIRED_CODES:
            return AwsRefused(message, SIGN_IN)
        if code in DENIED_CODES:
            return AwsRefused(message, "Your role lacks this permission; ask who deploys the stack.")
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
        return AwsRefused(f"There are no AWS credentials to use: {error}.", SIGN_IN)
    if isinstance(error, ConnectionError):
        return AwsRefused(f"AWS does not answer: {error}", "Is the network, or the local stack (`cafe up`), there?")
    return AwsRefused(f"The AWS SDK failed: {error}")
