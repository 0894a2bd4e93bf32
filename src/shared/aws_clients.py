"""How long the functions' AWS clients wait, and how often they try."""

from botocore.config import Config

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
