"""Control a headless Chromium over its debugging pipe: open a page, run JavaScript, move the mouse, take a picture.

The pipe needs no port and no package. It carries messages of the DevTools protocol; a zero byte ends each.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from cafe.errors import CafeError

# Google's first: on Ubuntu and GitHub's runners, AppArmor lets it use its sandbox, and refuses that to Chromium. The
# Makefile and .ci/run look for the same names.
COMMANDS = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser")
INSTALL = "Install google-chrome (https://www.google.com/chrome) or, on Debian, chromium and chromium-sandbox."
# No background traffic and no name resolution: a page shows only what its file contains.
SWITCHES = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# Chromium reads commands from descriptor 3 and writes answers to descriptor 4. This script moves the pipe to these two
# and replaces itself with Chromium.
LAUNCHER = "import os, sys; [os.dup2(int(sys.argv[n]), n + 2) for n in (1, 2)]; os.execv(sys.argv[3], sys.argv[3:])"
# Higher than 4, so that neither descriptor is overwritten before it is moved.
FIRST_DESCRIPTOR = 10
DEFAULT_TIMEOUT_SECONDS = 30.0
EXIT_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.02


class NoChromium(CafeError):
    """Chromium is not on the PATH."""

    def __init__(self) -> None:
        super().__init__("No Chromium was found.", INSTALL)


class BrowserFailed(CafeError):
    """Chromium exited, did not answer in time, or reported an error."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"Chromium failed: {what}", remedy)


class BrowserExited(BrowserFailed):
    """Chromium exited by itself. The message ends with the line of its log that says why."""

    def __init__(self, log: Path) -> None:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]
        why = [line for line in lines if "FATAL" in line] or lines or ["it logged nothing"]
        super().__init__(f"it exited: {why[-1]}", INSTALL)


def find_chromium() -> Path | None:
    """Return the first Chromium on the PATH."""
    found = (shutil.which(command) for command in COMMANDS)
    return next((Path(path) for path in found if path), None)


@contextmanager
def headless_page(width: int, height: int) -> Iterator["Page"]:
    """Start a Chromium, open an empty page of this size, and stop Chromium on exit. Raises NoChromium."""
    chromium = find_chromium()
    if chromium is None:
        raise NoChromium
    with ExitStack() as started:
        page = _first_page(chromium, started)
        page.resize(width, height)
        yield page


def _first_page(chromium: Path, started: ExitStack) -> "Page":
    """Start Chromium with its sandbox, or without it for root and where the kernel gives a user no namespace.

    Without the sandbox nothing is lost here: the page is the project's own file and loads nothing else.
    """
    if os.geteuid() != 0:
        with suppress(BrowserExited):
            return started.enter_context(_page(chromium))
    return started.enter_context(_page(chromium, "--no-sandbox"))


@contextmanager
def _page(chromium: Path, *switches: str) -> Iterator["Page"]:
    with tempfile.TemporaryDirectory(prefix="cafe-browser-", ignore_cleanup_errors=True) as profile:
        command = [str(chromium), *SWITCHES, *switches, f"--user-data-dir={profile}", "about:blank"]
        with _start_chromium(command, Path(profile) / "cafe.log") as pipe:
            yield Page(pipe)


class Page:
    """A page in Chromium, with the errors and requests since it was opened."""

    def __init__(self, pipe: "_Pipe") -> None:
        self._pipe = pipe
        self._session: str | None = None
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable")

    def resize(self, width: int, height: int) -> None:
        """Set the size of the page, in CSS pixels."""
        self._send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, address: str) -> None:
        """Load an address. If only the fragment differs, the loaded page stays and follows the fragment."""
        answer = self._send("Page.navigate", url=address)
        if error := answer.get("errorText"):
            raise BrowserFailed(f"{address}: {error}")

    def evaluate(self, expression: str) -> Any:
        """Evaluate a JavaScript expression in the page and return its value. A promise is awaited."""
        answer = self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if problem := answer.get("exceptionDetails"):
            raise BrowserFailed(problem.get("exception", {}).get("description", problem["text"]))
        return answer["result"].get("value")

    def wait_for(self, expression: str, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> Any:
        """Wait until an expression is true and return its value."""
        deadline = time.monotonic() + timeout_seconds
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise BrowserFailed(f"not true within {timeout_seconds:g} s: {expression}; {self.problems()}")
            time.sleep(POLL_SECONDS)
        return value

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse to a point of the page."""
        self._send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self) -> bytes:
        """Return a PNG of the visible part of the page."""
        return base64.b64decode(self._send("Page.captureScreenshot", format="png")["data"])

    def problems(self) -> list[str]:
        """Return every console error and warning, every uncaught exception, and every failed request."""
        return [text for event in self._pipe.events if (text := _problem(event))]

    def requests(self) -> list[str]:
        """Return the addresses that the page requested, except data: and blob: addresses inside the page."""
        addresses = (
            event["params"]["request"]["url"] for event in self._pipe.events if _is(event, "requestWillBeSent")
        )
        return [address for address in addresses if not address.startswith(("data:", "blob:"))]

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._pipe.send(method, parameters, self._session)


def _is(event: dict[str, Any], name: str) -> bool:
    return str(event["method"]).endswith(f".{name}")


def _problem(event: dict[str, Any]) -> str | None:
    parameters = event["params"]
    if _is(event, "consoleAPICalled") and parameters["type"] in {"error", "warning", "assert"}:
        return " ".join(str(part.get("value", part.get("description"))) for part in parameters["args"])
    if _is(event, "exceptionThrown"):
        details = parameters["exceptionDetails"]
        return str(details.get("exception", {}).get("description", details["text"]))
    if _is(event, "entryAdded") and parameters["entry"]["level"] in {"error", "warning"}:
        return str(parameters["entry"]["text"])
    return None


class _Pipe:
    """The pipe to Chromium: sends commands, returns their answers, and keeps the events that arrive between them."""

    def __init__(self, to_browser: int, from_browser: int, log: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self._log = log
        self._to_browser = to_browser
        self._from_browser = from_browser
        self._last_id = 0
        self._received = b""

    def send(self, method: str, parameters: dict[str, Any], session: str | None) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {}
        )
        try:
            os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        except BrokenPipeError as error:
            raise BrowserExited(self._log) from error
        deadline = time.monotonic() + DEFAULT_TIMEOUT_SECONDS
        while (answer := self._receive(deadline, method)).get("id") != self._last_id:
            if "method" in answer:
                self.events.append(answer)
        if refusal := answer.get("error"):
            raise BrowserFailed(f"{method}: {refusal.get('message')}")
        return dict(answer["result"])

    def _receive(self, deadline: float, method: str) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from_browser], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise BrowserFailed(f"no answer to {method} within {DEFAULT_TIMEOUT_SECONDS:g} s")
            chunk = os.read(self._from_browser, 1 << 20)
            if not chunk:
                raise BrowserExited(self._log)
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        return dict(json.loads(message))


def _high_pipe() -> tuple[int, int]:
    """Make a pipe with descriptors above those that Chromium gets."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


@contextmanager
def _start_chromium(command: list[str], log: Path) -> Iterator[_Pipe]:
    chromium_reads, to_browser = _high_pipe()
    from_browser, chromium_writes = _high_pipe()
    try:
        with log.open("wb") as written:
            process = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, str(chromium_reads), str(chromium_writes), *command],
                pass_fds=(chromium_reads, chromium_writes),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=written,
            )
    finally:
        os.close(chromium_reads)
        os.close(chromium_writes)
    try:
        yield _Pipe(to_browser, from_browser, log)
    finally:
        # Chromium exits when its pipe is closed. If it hangs, it is killed.
        os.close(to_browser)
        try:
            process.wait(EXIT_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(from_browser)
