"""Act as a café: send files under its own keys, with no more permissions than it has itself."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cafe.drop_keys import branch_tag
from cafe.errors import CafeError, explain_aws_error, is_denied
from cafe.sending.uploads import Sender, Upload
from shared.senders import sender_of

if TYPE_CHECKING:
    from cafe.deployed.environment import Environment

# S3 names it in the events of the files, beside the role.
SESSION_NAME = "head-office"


def acting_as(environment: "Environment", cafe: str, uploads: Iterable[Upload]) -> Callable[[Upload], Sender]:
    """Assume the stack's role for branches as this café, and return who sends each upload.

    Raises CafeError before anything is sent: for a file whose name is not that of a café's file, for a café that no tag
    can name, and if the caller may not assume the role.
    """
    uploads = list(uploads)
    for upload in uploads:
        if not sender_of(upload.key):
            raise CafeError(
                f"{upload.path} does not have the name of a café's file, so {cafe} could not send it.",
                "Such a name is CAFÉ_DD-MM-YYYY_HH-MM-SS.csv or YYYY-MM-DD-CAFÉ.csv. Without --as, head office sends a "
                "file of any name.",
            )
        if not branch_tag(cafe, upload.key):
            raise CafeError(
                f"No identity can be that of {cafe}: its tag may hold letters, digits, blanks and _ . : = + - @ only.",
                "Give the café's name as its files spell it.",
            )
    role = environment.fact("branch/role/arn")
    senders = {tag: _sender(environment, role, tag) for tag in {branch_tag(cafe, upload.key) for upload in uploads}}
    return lambda upload: senders[branch_tag(cafe, upload.key)]


def _sender(environment: "Environment", role: str, tag: str) -> Sender:
    try:
        return Sender(environment.assuming(role, SESSION_NAME, {"branch": tag}).client("s3"), tag)
    except ClientError as error:
        explained = explain_aws_error(error)
        raise CafeError(
            f"You cannot act as {tag}: {explained.message}",
            "The policy HeadOfficePolicy of the stack lets you." if is_denied(error) else explained.remedy,
        ) from error
