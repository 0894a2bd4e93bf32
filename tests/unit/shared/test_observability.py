"""An entry of a log is one line for every reader, whatever it quotes."""

import io
import json

import pytest

from hidden import EVERY_HIDDEN, HOSTILE_NAME, hidden_in
from shared.observability import stage_logger


@pytest.mark.parametrize("key", [HOSTILE_NAME, "café" + "".join(EVERY_HIDDEN)], ids=["a key", "every character"])
def test_a_log_entry_is_one_line_with_the_exact_key(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    logger = stage_logger()
    monkeypatch.setattr(logger.registered_handler, "stream", written)

    logger.info("file.extracted", extra={"key": key})

    [line] = written.getvalue().splitlines()
    assert not hidden_in(line)
    assert json.loads(line)["key"] == key
    assert "café" in line or not key.startswith("café"), "letters stay readable"
