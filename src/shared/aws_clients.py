"""The functions' AWS clients: how long they wait, how often they try, and what they leave out."""

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.handlers import add_expect_header

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 3
READ_SECONDS = 20
# The first try counts too.
MOST_TRIES = 3

# botocore would wait 60 s for each answer: longer, over all tries, than a function may run. Then Lambda would kill the
# function, and no log line would name the service that did not answer.
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": MOST_TRIES},
)


def sending_at_once(s3: "S3Client") -> "S3Client":
    """Let a client send an object at once.

    botocore would ask S3 first whether it may (`Expect: 100-continue`), and wait for that answer before each object. It
    saves nothing here: no answer of S3 is expected to refuse one, and objects are small.
    """
    s3.meta.events.unregister("before-call.s3", add_expect_header)
    return s3
