"""One stage under AWS's runtime interface emulator and client, from a build output that the test makes."""

import textwrap
from pathlib import Path

import pytest

from cafe.local import runtime
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout, checkout
from integration.local.waiting import wait_until


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / ".venv-lambda").symlink_to(checkout().runtime_python.parents[1])
    (tmp_path / ".aws-sam/build/SharedLayer/python/shared").mkdir(parents=True)
    (tmp_path / ".aws-sam/build/SharedLayer/python/shared/words.py").write_text("HELLO = 'hello from the layer'")
    return Layout(tmp_path)


def build(layout: Layout, source: str) -> None:
    package = layout.build / "ExtractFunction" / "extract"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "handler.py").write_text(textwrap.dedent(source))


def test_a_handler_gets_the_event_its_layer_and_the_variables_given(layout: Layout) -> None:
    source = """
        import os
        from shared.words import HELLO

        def lambda_handler(event, context):
            return [event["name"], HELLO, os.environ["STAGING_BUCKET"], type(context).__module__]
        """
    build(layout, source)

    invocation = runtime.invoke("extract", {"name": "Caffè"}, {"STAGING_BUCKET": "staging"}, layout)

    assert invocation.answer == ["Caffè", "hello from the layer", "staging", "awslambdaric.lambda_context"]
    assert not invocation.failed


def test_the_log_is_returned(layout: Layout) -> None:
    build(layout, "def lambda_handler(event, context): print('counted 3 orders')")

    invocation = runtime.invoke("extract", {}, {}, layout)

    assert "counted 3 orders" in invocation.log
    assert not list(layout.logs.iterdir())


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def lambda_handler(event, context): return event['absent']", "KeyError"),
        ("raise ImportError('no such thing')", "Runtime.ImportModuleError"),
        ("import os\ndef lambda_handler(event, context): os._exit(3)", "Runtime.ExitError"),
    ],
    ids=["raises", "cannot be imported", "ends its process"],
)
def test_a_function_that_fails_is_reported_as_failed(layout: Layout, source: str, error: str) -> None:
    build(layout, source)

    invocation = runtime.invoke("extract", {}, {}, layout)

    assert invocation.failed
    assert invocation.answer["errorType"] == error


def test_a_function_that_takes_too_long_failed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime.TIMEOUT_SECONDS, "extract", 1)
    build(layout, "import time\ndef lambda_handler(event, context): time.sleep(600)")

    invocation = runtime.invoke("extract", {}, {}, layout)

    assert invocation.failed
    assert "timed out" in invocation.answer["errorMessage"]


def test_no_process_keeps_running(layout: Layout) -> None:
    build(layout, "import os\ndef lambda_handler(event, context): return os.getpid()")

    pid = runtime.invoke("extract", {}, {}, layout).answer

    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_stage_that_is_not_built_is_named(layout: Layout) -> None:
    with pytest.raises(LocalStackError, match=r"'extract' is not built. Run: make build"):
        runtime.invoke("extract", {}, {}, layout)
