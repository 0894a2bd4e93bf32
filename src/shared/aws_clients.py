"""The functions' AWS clients: how long they wait, how often they try, and what they leave out."""

from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.handlers import add_expect_header
from botocore.model import OperationModel
from botocore.utils import determine_content_length

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 3
READ_SECONDS = 20
# The first try counts too.
MOST_TRIES = 3
SMALL_OBJECT_BYTES = 1_000_000

# botocore would wait 60 s for each answer: longer, over all tries, than a function may run. Then Lambda would kill the
# function, and no log line would name the service that did not answer.
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": MOST_TRIES},
)


def sending_small_objects_at_once(s3: "S3Client") -> "S3Client":
    """Let a client ask S3 only before a large object whether it may send it (`Expect: 100-continue`).

    botocore would ask before each object, and wait for the answer: a round trip that takes longer than a small object.
    """
    s3.meta.events.unregister("before-call.s3", add_expect_header)
    s3.meta.events.register("before-call.s3", _ask_before_a_large_object)
    return s3


def _ask_before_a_large_object(model: OperationModel, params: dict[str, Any], **_: object) -> None:
    if (determine_content_length(params["body"]) or 0) > SMALL_OBJECT_BYTES:
        add_expect_header(model, params)
