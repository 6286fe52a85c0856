"""Takes the pictures of docs/images/ from a study: its report, optuna-dashboard, Ray's dashboard.

    python scripts/screenshots.py STUDY --root ROOT -o docs/images
    python scripts/screenshots.py STUDY --root ROOT --ray http://127.0.0.1:8265

It needs Chromium and chromedriver. Ray's dashboard asks for the cluster's token, which is read from
RAY_AUTH_TOKEN or ~/.ray/auth_token; it goes to that address only.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WIDTH = 1280

_SECONDS = 120
"""No page takes longer to be ready."""

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """Chromium, driven by the plain HTTP of WebDriver.

    Args:
        port: Where chromedriver listens.
        profile: A fresh folder.
    """

    def __init__(self, port: int, profile: Path) -> None:
        self._at = f"http://127.0.0.1:{port}/session"
        options = {"args": [*_ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self._at += "/" + self._ask("POST", "", wanted)["sessionId"]

    def open(self, url: str, height: int) -> None:
        """Opens a page in a window of this height."""
        self._ask("POST", "/window/rect", {"width": WIDTH, "height": height})
        self._ask("POST", "/url", {"url": url})

    def cookie(self, name: str, value: str) -> None:
        """Sets a cookie of the page that is open."""
        self._ask("POST", "/cookie", {"cookie": {"name": name, "value": value}})

    def run(self, script: str) -> Any:
        """What a script in the page returns."""
        return self._ask("POST", "/execute/sync", {"script": f"return {script}", "args": []})

    def wait(self, ready: str) -> None:
        """Waits until a script in the page is true, and for what it then still draws."""
        end = time.monotonic() + _SECONDS
        while not self.run(ready):
            if time.monotonic() > end:
                raise SystemExit(f"the page was not ready after {_SECONDS} s ({ready})")
            time.sleep(0.5)
        time.sleep(3)

    def shoot(self, path: Path) -> None:
        """Writes what the window shows as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))
        print(path)

    def close(self) -> None:
        """Ends Chromium."""
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._at + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)["value"]


@contextlib.contextmanager
def started(command: list[str], said: str) -> Iterator[str]:
    """A program that runs during the block, and the line in which it said that it is ready."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if said in line:
                yield line
                return
        raise SystemExit(f"{command[0]} ended with {process.wait()}")
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def browser(port: int) -> Iterator[Browser]:
    """Chromium with a fresh profile."""
    driver = shutil.which("chromedriver")
    if driver is None:
        raise SystemExit("chromedriver is not installed (Debian: chromium-driver)")
    with (
        tempfile.TemporaryDirectory() as profile,
        started([driver, f"--port={port}"], "started successfully"),
    ):
        opened = Browser(port, Path(profile))
        try:
            yield opened
        finally:
            opened.close()


def shoot_report(window: Browser, study: str, root: Path, folder: Path) -> None:
    """The whole report, as long as it is at its beginning."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "xlsearch", "report", study, "--root", str(root)]
        subprocess.run([*command, "-o", place], check=True)
        window.open((Path(place) / "report.html").as_uri(), 1500)
        window.wait("document.images.length && [...document.images].every(one => one.complete)")
        window.shoot(folder / "report.png")


def shoot_dashboard(window: Browser, study: str, root: Path, folder: Path) -> None:
    """The page of the study in optuna-dashboard: its history, then its trials and its note."""
    command = [sys.executable, "-m", "xlsearch", "dashboard", study, "--root", str(root)]
    with started([*command, "--port", "0"], "http") as line:
        url = line.split("http", 1)[1].split()[0]
        for part, ready in (
            ("", "document.querySelectorAll('.plotly .main-svg').length > 1"),
            ("/note", "document.body.innerText.includes('Learning-rate search')"),
        ):
            window.open(f"http{url}{part}", 1000)
            window.wait(ready)
            window.shoot(folder / f"optuna-dashboard{part.replace('/', '-')}.png")


def shoot_ray(window: Browser, url: str, folder: Path) -> None:
    """Ray's page of the cluster, with the cluster's token in the cookie that it looks for."""
    token_file = Path.home() / ".ray" / "auth_token"
    token = os.environ.get("RAY_AUTH_TOKEN") or (
        token_file.read_text().strip() if token_file.exists() else ""
    )
    place = urlsplit(url)
    base = f"{place.scheme}://{place.netloc}"
    window.open(base, 1000)
    if token:
        window.cookie("ray-authentication-token", token)
        window.open("about:blank", 1000)  # else the page would go on without loading anew
    window.open(f"{base}/#/cluster", 1000)
    window.wait("document.querySelectorAll('tbody tr').length > 0")
    window.shoot(folder / "ray-dashboard.png")


def main() -> None:
    """Reads the options and takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("study")
    parser.add_argument("--root", type=Path, default=Path("xlsearch-runs"))
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--ray", metavar="URL", help="only Ray's dashboard, which is there")
    parser.add_argument("--port", type=int, default=9515, help="of chromedriver")
    chosen = parser.parse_args()
    with browser(chosen.port) as window:
        if chosen.ray:
            shoot_ray(window, chosen.ray, chosen.output)
            return
        shoot_report(window, chosen.study, chosen.root, chosen.output)
        shoot_dashboard(window, chosen.study, chosen.root, chosen.output)


if __name__ == "__main__":
    main()
