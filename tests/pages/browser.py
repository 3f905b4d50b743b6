"""A headless Chromium spoken to over its debugging pipe: no driver, no network, nothing installed for it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--disable-dev-shm-usage",
]
_PATIENCE = 60.0

Json = dict[str, Any]  # what the browser answers is checked where it is used


class BrowserError(Exception):
    """The browser answered with an error, or not at all."""


class Page:
    """One tab: open a file, set its size and media, ask it questions, take its picture."""

    def __init__(self, pipe: _Pipe, session: str) -> None:
        self._pipe = pipe
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Json:
        """One command of the protocol."""
        return self._pipe.call(method, parameters, self._session)

    def open(self, path: Path) -> None:
        """Open a file and wait until it is laid out with its fonts."""
        self._pipe.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self._pipe.wait_for("Page.loadEventFired")
        self.ask("document.fonts.ready.then(() => true)")

    def size(self, width: int, height: int = 900) -> None:
        """The viewport in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, scheme: str = "light", medium: str = "") -> None:
        """Light or dark, screen or print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def ask(self, expression: str) -> Any:
        """The JSON value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def picture(
        self, path: Path, *, whole: bool = False, clip: tuple[int, int, int, int] | None = None
    ) -> None:
        """A PNG of the viewport, the whole page, or a part of it."""
        more: Json = {"captureBeyondViewport": whole or clip is not None}
        if whole:
            size = self.ask("({width: innerWidth, height: document.documentElement.scrollHeight})")
            clip = (0, 0, size["width"], size["height"])
        if clip:
            more["clip"] = {"x": clip[0], "y": clip[1], "width": clip[2], "height": clip[3], "scale": 1}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"]))

    def print_to(self, path: Path) -> None:
        """The page on A4, as a person prints it."""
        answer = self.call(
            "Page.printToPDF", preferCSSPageSize=True, printBackground=True, displayHeaderFooter=False
        )
        path.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """What the browser logged: blocked styles or scripts, failed loads, errors."""
        found = [
            event["params"]["entry"]["text"]
            for event in self._pipe.events
            if event["method"] == "Log.entryAdded"
        ]
        found += [
            str(event["params"])
            for event in self._pipe.events
            if event["method"] == "Runtime.exceptionThrown"
        ]
        return found

    def requests(self) -> list[str]:
        """Every address the page asked for, itself and its embedded fonts left out."""
        sent = [
            event["params"]["request"]["url"]
            for event in self._pipe.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in sent[1:] if not address.startswith("data:")]


class _Pipe:
    """Messages to and from the browser, each ended by a zero byte."""

    def __init__(self, out: int, back: int) -> None:
        self._out, self._in = out, back
        self._rest = b""
        self._last = 0
        self.events: list[Json] = []

    def call(self, method: str, parameters: Json, session: str | None = None) -> Json:
        self._last += 1
        message: Json = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._next(time.monotonic() + _PATIENCE)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                result: Json = answer["result"]
                return result
            self._keep(answer)

    def wait_for(self, method: str) -> None:
        until = time.monotonic() + _PATIENCE
        while not any(event["method"] == method for event in self.events):
            self._keep(self._next(until))

    def _keep(self, message: Json) -> None:
        if "method" in message:
            self.events.append(message)

    def _next(self, until: float) -> Json:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            chunk = os.read(self._in, 1 << 20) if ready else b""
            if not chunk:
                raise BrowserError("the browser does not answer")
            self._rest += chunk
        first, _, self._rest = self._rest.partition(b"\0")
        message: Json = json.loads(first)
        return message


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with one empty tab; it and its profile are gone afterwards."""
    if CHROMIUM is None:
        raise BrowserError("chromium is not installed")
    with tempfile.TemporaryDirectory() as profile:
        ours, theirs = os.pipe(), os.pipe()
        read_end, write_end = (fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (ours[0], theirs[1]))
        actions = [
            (os.POSIX_SPAWN_DUP2, read_end, 3),
            (os.POSIX_SPAWN_DUP2, write_end, 4),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        argv = [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        pid = os.posix_spawn(CHROMIUM, argv, os.environ, file_actions=actions, setpgroup=0)
        for fd in (ours[0], theirs[1], read_end, write_end):
            os.close(fd)
        pipe = _Pipe(ours[1], theirs[0])
        try:
            yield _first_tab(pipe)
        finally:
            _close(pipe, pid)
            os.close(ours[1])
            os.close(theirs[0])


def _first_tab(pipe: _Pipe) -> Page:
    target = pipe.call("Target.createTarget", {"url": "about:blank"})["targetId"]
    return Page(pipe, pipe.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])


def _close(pipe: _Pipe, pid: int) -> None:
    try:
        pipe.call("Browser.close", {})
    except (BrowserError, OSError):
        os.killpg(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > until:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.05)
