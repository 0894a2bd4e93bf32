"""The commands that messages tell a person to type: each gets the workspace that the message is about.

A message is written where nobody knows workspaces, such as in a rule's remedy. So the option is added in one place,
where text is shown. Rules only; knows nothing of consoles.
"""

import re

# The commands that use a workspace, and those that need none or have one of their own. A test compares both with the
# commands that exist.
NAMES = (
    "adopt", "approve", "backfill", "cafes", "check", "cost", "dashboards", "down", "drop", "env", "erase", "event",
    "invoke", "logs", "migrate", "morning", "reconcile", "redrive", "rejects", "replay", "reset", "retract", "smoke",
    "sql", "status", "trace", "up", "watch",
)  # fmt: skip
WITHOUT_WORKSPACE = ("demo", "dialect", "docs", "doctor", "generate", "try", "workspaces")
# Not a part of a longer word, a path or a file's name: a key may be "…/cafe up.csv".
_COMMAND = re.compile(rf"(?<![\w/-])((?:\.venv/bin/)?cafe) (?=(?:{'|'.join(NAMES)})(?![\w/-]|\.\w))")


def in_workspace(text: str, option: str) -> str:
    """Add an option such as "--workspace demo" to each command of `cafe` in a text; "" adds nothing."""
    return _COMMAND.sub(rf"\1 {option} ", text) if option else text
