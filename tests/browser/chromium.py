"""What the browser tests talk about: a page of Chromium, a running JupyterLab, a lesson open in it."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PICTURES = Path(__file__).parents[2] / "build" / "browser"
TOKEN = "only-for-these-tests"


@dataclass(frozen=True)
class Spoken:
    """A bundled call: its bytes as the data set stores them (8 kHz mu-law), and its label."""

    stored: bytes
    label: str


@dataclass
class Lab:
    """A running JupyterLab: its address and the folder that it serves."""

    address: str
    work: Path


@dataclass
class Browser:
    """Chromium, and every address that its pages have asked for."""

    chromium: Any
    asked: set[str] = field(default_factory=set)

    def page(self, **options: Any) -> Any:
        context = self.chromium.new_context(viewport={"width": 1280, "height": 1000}, **options)
        page = context.new_page()
        page.set_default_timeout(30_000)
        context.on("request", lambda request: self.asked.add(request.url))
        page.on("websocket", lambda websocket: self.asked.add(websocket.url))
        return page

    def hosts(self) -> set[str]:
        return {urlsplit(url).hostname or "" for url in self.asked if urlsplit(url).scheme not in {"data", "blob", "about"}}


class Notebook:
    """A lesson, opened in JupyterLab and started with "Run All Cells"."""

    def __init__(self, lab: Lab, browser: Browser, lesson: str, edition: str) -> None:
        self.lab, self.korean, self.name = lab, edition == "ko", f"{lesson[:2]}-{edition}"
        self.page = browser.page(locale="ko-KR" if self.korean else "en-US")
        # A workspace of its own: else JupyterLab opens what it had open before.
        self.page.goto(f"{lab.address}/lab/workspaces/{self.name}/tree/{edition}/{lesson}.ipynb?token={TOKEN}")
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # in the status bar: there is a kernel
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def wait(self) -> None:
        """Until the last cell has run, or one has failed."""
        self.page.wait_for_function(
            """() => {
                const numbers = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((at) => at.textContent);
                const failed = document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
                return failed || (numbers.at(-1) === `[${numbers.length}]:` && numbers.every((at) => /\\[\\d+\\]/.test(at)));
            }""",
            timeout=240_000,
            polling=200,
        )
        if (news := self.page.get_by_role("button", name="No", exact=True)).count():  # Jupyter asks whether it may send news
            news.first.click()

    def say(self, en: str, ko: str) -> str:
        return ko if self.korean else en

    def errors(self) -> list[str]:
        """What cells raised, and widgets that could not be shown."""
        shown = '[data-mime-type="application/vnd.jupyter.error"], .jupyter-widgets-error-widget'
        return [*self.page.locator(shown).all_text_contents(), *self.page.get_by_text("Loading widget").all_text_contents()]

    def output(self, call: str) -> Any:
        """The output of the cell whose code holds `call`."""
        cell = self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".jp-InputArea", has_text=call))
        return cell.locator(".jp-OutputArea")

    def picture(self, call: str, name: str) -> None:
        """Keep a screenshot of a cell's output in build/browser."""
        shown = self.output(call)
        shown.scroll_into_view_if_needed()
        shown.screenshot(path=str(PICTURES / f"{self.name}-{name}.png"))

    def close(self) -> None:
        self.page.context.close()
        header = {"Authorization": f"token {TOKEN}"}
        sessions = urllib.request.urlopen(urllib.request.Request(f"{self.lab.address}/api/sessions", headers=header))
        for session in json.load(sessions):  # each kernel holds torch and a model
            request = urllib.request.Request(f"{self.lab.address}/api/sessions/{session['id']}", headers=header, method="DELETE")
            urllib.request.urlopen(request)
