"""Drive a headless Chromium over its debugging pipe: open a page, ask it, point at it, take its picture.

The pipe needs no port and no package: messages of the DevTools protocol, each ended by a zero byte.
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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cafe.errors import CafeError

COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Nothing may phone home, and nothing may be fetched: what a page shows is what the page holds.
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
# Chromium looks for the pipe at two descriptors: 3 to hear, 4 to answer. This puts it there, and becomes Chromium.
BECOME = "import os, sys; [os.dup2(int(sys.argv[n]), n + 2) for n in (1, 2)]; os.execv(sys.argv[3], sys.argv[3:])"
# Above those two, so that neither is overwritten before it is moved.
FIRST_DESCRIPTOR = 10
DEFAULT_TIMEOUT_SECONDS = 30.0
ENDING_SECONDS = 10.0
POLL_SECONDS = 0.02


class NoChromium(CafeError):
    """There is no Chromium on this machine."""

    def __init__(self) -> None:
        super().__init__("No Chromium was found.", "On Debian or Ubuntu: sudo apt-get install chromium")


class BrowserFailed(CafeError):
    """Chromium ended, did not answer in time, or could not do what it was asked."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Chromium failed: {what}")


def find_chromium() -> Path | None:
    """Find a Chromium on the PATH."""
    found = (shutil.which(command) for command in COMMANDS)
    return next((Path(path) for path in found if path), None)


@contextmanager
def headless_page(width: int, height: int) -> Iterator["Page"]:
    """Open an empty page of that size in a Chromium of its own, which ends with the context. Raises NoChromium."""
    chromium = find_chromium()
    if chromium is None:
        raise NoChromium
    with tempfile.TemporaryDirectory(prefix="cafe-browser-", ignore_cleanup_errors=True) as profile:
        # Chromium's sandbox refuses to run as root; as anybody else it stays on.
        as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        command = [str(chromium), *SWITCHES, *as_root, f"--user-data-dir={profile}", "about:blank"]
        with _piped(command) as pipe:
            page = Page(pipe)
            page.resize(width, height)
            yield page


class Page:
    """A page in Chromium, and what it complained of since it was opened."""

    def __init__(self, pipe: "_Pipe") -> None:
        self._pipe = pipe
        self._session: str | None = None
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def resize(self, width: int, height: int) -> None:
        """Give the page another size, in CSS pixels."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, address: str) -> None:
        """Load an address. A change of the fragment alone leads the page that is there to another place."""
        answer = self._ask("Page.navigate", url=address)
        if error := answer.get("errorText"):
            raise BrowserFailed(f"{address}: {error}")

    def evaluate(self, expression: str) -> Any:
        """Work out a JavaScript expression in the page and give its value; a promise is awaited."""
        answer = self._ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if problem := answer.get("exceptionDetails"):
            raise BrowserFailed(problem.get("exception", {}).get("description", problem["text"]))
        return answer["result"].get("value")

    def wait_for(self, expression: str, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> Any:
        """Wait until an expression is true, and give its value."""
        deadline = time.monotonic() + timeout_seconds
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise BrowserFailed(f"not true within {timeout_seconds:g} s: {expression}; {self.complaints()}")
            time.sleep(POLL_SECONDS)
        return value

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse to a place of the page."""
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self) -> bytes:
        """Take a picture of what fits the page's size, as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def complaints(self) -> list[str]:
        """Give every error and warning of the console, every exception that nobody caught, every failed request."""
        return [text for event in self._pipe.events if (text := _complaint(event))]

    def requests(self) -> list[str]:
        """Give the addresses that the page asked for, but for those that it holds itself."""
        asked = (event["params"]["request"]["url"] for event in self._pipe.events if _is(event, "requestWillBeSent"))
        return [address for address in asked if not address.startswith(("data:", "blob:"))]

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._pipe.ask(method, parameters, self._session)


def _is(event: dict[str, Any], name: str) -> bool:
    return str(event["method"]).endswith(f".{name}")


def _complaint(event: dict[str, Any]) -> str | None:
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
    """Questions to Chromium and its answers, with the events that came between them."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._to_browser = to_browser
        self._from_browser = from_browser
        self._asked = 0
        self._received = b""

    def ask(self, method: str, parameters: dict[str, Any], session: str | None) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {}
        )
        try:
            os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        except BrokenPipeError as error:
            raise BrowserFailed("it ended") from error
        deadline = time.monotonic() + DEFAULT_TIMEOUT_SECONDS
        while (answer := self._receive(deadline, method)).get("id") != self._asked:
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
                raise BrowserFailed("it ended")
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        return dict(json.loads(message))


def _high_pipe() -> tuple[int, int]:
    """Make a pipe whose ends are none of the descriptors that Chromium gets."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


@contextmanager
def _piped(command: list[str]) -> Iterator[_Pipe]:
    hears, to_browser = _high_pipe()
    from_browser, answers = _high_pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", BECOME, str(hears), str(answers), *command],
            pass_fds=(hears, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(hears)
        os.close(answers)
    try:
        yield _Pipe(to_browser, from_browser)
    finally:
        # Chromium ends when its pipe does; if it hangs, its time is limited.
        os.close(to_browser)
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(from_browser)
