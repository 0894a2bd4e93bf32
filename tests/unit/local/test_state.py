"""When a local stack counts as up."""

import dataclasses
import os
from pathlib import Path

import pytest

from cafe.local import keys, state
from cafe.local.layout import Layout
from cafe.local.state import Stack, running_stack

STACK = Stack(
    environment="dev",
    stack_name="cafe-dev",
    region="eu-west-2",
    endpoint_url="http://127.0.0.1:4566",
    ca_file="/tmp/ca.pem",
    warehouse_host="localhost",
    warehouse_port=5439,
    processes={},
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    keys.make(layout)
    return layout


def test_what_is_written_is_found(layout: Layout) -> None:
    state.write(STACK, layout)

    assert running_stack(layout) == STACK


def test_a_stack_without_its_keys_is_not_up(layout: Layout) -> None:
    """An earlier version started it. `cafe up` starts it again."""
    state.write(STACK, layout)

    layout.root_keys.unlink()

    assert running_stack(layout) is None


def test_without_a_file_no_stack_is_up(layout: Layout) -> None:
    assert running_stack(layout) is None


def test_a_forgotten_stack_is_not_up(layout: Layout) -> None:
    state.write(STACK, layout)

    state.forget(layout)

    assert running_stack(layout) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"environment": "dev"}', '{"surprise": 1}'])
def test_a_file_that_cannot_be_read_means_no_stack(layout: Layout, content: str) -> None:
    layout.stack_file.write_text(content)

    assert running_stack(layout) is None


def test_a_stack_whose_process_has_no_record_is_not_up(layout: Layout) -> None:
    state.write(dataclasses.replace(STACK, processes={"emulator": os.getpid()}), layout)

    assert running_stack(layout) is None
