"""The side panel as a person sees it, in a real JupyterLab."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.browser import browser_page, expect
from support.lab import Lab, LabPage, ask, start_lab
from support.paths import EXAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

DATA = EXAMPLES / "data"

FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Lets the browser lay out and draw what a click changed."""


@contextlib.contextmanager
def panel_lab(
    folder: Path, *, environ: Mapping[str, str] | None = None, options: Sequence[str] = ()
) -> Iterator[Lab]:
    """Start a JupyterLab that has the panel; says how to build it where it is missing."""
    built = Path(sys.prefix) / "share/jupyter/labextensions/jupyter-assistants/package.json"
    if not built.exists():
        pytest.fail("The panel is not built: run `make panel`.")
    # Tests change the theme by its command, which is faster than by its menu.
    options = ["--LabApp.expose_app_in_browser=True", *options]
    with start_lab(folder, environ=environ, options=options) as lab:
        yield lab


@contextlib.contextmanager
def panel_page(
    lab: Lab, *, width: int = 1280, height: int = 900, browser: Browser | None = None
) -> Iterator[PanelPage]:
    """Return a page on this JupyterLab, of this browser or of one of its own."""
    with browser_page(width=width, height=height, browser=browser) as page:
        yield PanelPage(lab, page)


class PanelPage(LabPage):
    """JupyterLab with the panel open."""

    def open(self, name: str) -> None:
        """Open a notebook and the panel beside it."""
        super().open(name)
        self.show()

    def open_without_notebook(self) -> None:
        """Open JupyterLab with nothing but the panel."""
        self.page.goto(f"{self.lab.url}/lab?token={self.lab.token}&reset")
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.show()

    def show(self) -> None:
        """Bring the panel to the front, as a click on its tab does."""
        tab = self.page.locator('.lm-TabBar-tab[data-id="jupyter-assistants-panel"]')
        # JupyterLab restores its layout some time after its start, and a second click would hide
        # the panel again.
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")
        if not self.panel.is_visible():
            tab.click()
        expect(self.panel).to_be_visible()

    @property
    def panel(self) -> Locator:
        """Return the whole panel."""
        return self.page.locator("#jupyter-assistants-panel")

    @property
    def composer(self) -> Locator:
        """Return the field to write in."""
        return self.panel.get_by_role("textbox", name="Message")

    @property
    def thread(self) -> Locator:
        """Return what the open thread shows."""
        return self.panel.get_by_role("log")

    @property
    def answer(self) -> Locator:
        """Return the newest answer."""
        return self.thread.get_by_role("region", name="Answer").last

    @property
    def approval(self) -> Locator:
        """Return the form of the code that waits for a decision."""
        return self.panel.get_by_role("group", name="Code waiting for your approval")

    @property
    def code_to_approve(self) -> Locator:
        """Return the editor of the code that waits for a decision."""
        return self.approval.get_by_role("textbox", name="Code", exact=True)

    def read_code(self) -> None:
        """Scroll through the code that waits for a decision, until it may run."""
        more = self.approval.get_by_role("button", name=re.compile("more line"))
        # The form knows what is in view a moment after it was drawn.
        runs = self.approval.locator("button[aria-disabled='false']")
        expect(runs.or_(more).first).to_be_visible()
        for _ in range(100):
            if more.count() == 0:
                break
            more.evaluate_all("all => all.forEach(each => each.click())")
            self.page.evaluate(FRAMES)
        expect(runs).to_be_visible()

    def approve(self) -> None:
        """Run the code that waits for a decision."""
        self.read_code()
        self.approval.get_by_role("button", name="Run", exact=True).click()

    def approve_always(self) -> None:
        """Run the code that waits for a decision, and all that follows in this thread."""
        self.read_code()
        self.approval.get_by_role("button", name="More ways to run").click()
        self.page.get_by_role("menuitem", name="Always in this thread").click()

    def reject(self, reason: str = "") -> None:
        """Reject the code that waits for a decision."""
        self.approval.get_by_role("button", name="Reject…").click()
        self.approval.get_by_role("textbox", name="Reason").fill(reason)
        self.approval.get_by_role("button", name="Reject", exact=True).click()

    def send(self, text: str) -> None:
        """Write a message and send it by Enter; gives back when its answer has begun."""
        answers = self.thread.get_by_role("region", name="Answer")
        count = answers.count()
        self.composer.fill(text)
        # Enter does nothing as long as an attachment is being uploaded.
        expect(self.panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        self.composer.press("Enter")
        expect(answers).to_have_count(count + 1, timeout=20_000)

    def new_thread(self) -> None:
        """Begin a new thread."""
        self.panel.get_by_role("button", name="New thread", exact=True).click()
        expect(self.panel.get_by_role("heading", name="New thread")).to_be_visible()

    def wait_over(self, timeout: float = 60) -> None:
        """Wait until the run is over: one can send again."""
        over = re.compile("^(completed|failed|cancelled|incomplete|expired)$")
        expect(self.answer).to_have_attribute("data-status", over, timeout=timeout * 1000)
        self.panel.get_by_role("button", name="Send", exact=True).wait_for()

    def newest_thread(self) -> str:
        """Return the id of the thread that was made last."""
        return str(self.ask("GET", "/threads?limit=1")["data"][0]["id"])

    def palette(self, label: str) -> None:
        """Do a command by JupyterLab's palette."""
        self.page.keyboard.press("Control+Shift+c")
        field = self.page.locator(".lm-CommandPalette-input")
        field.fill(label)
        expect(self.page.locator(".lm-CommandPalette-item").first).to_contain_text(label)
        field.press("Enter")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as the browser's user."""
        return ask(self.lab, method, path, body)


def import_thread(lab: Lab, messages: int) -> str:
    """Make a thread of so many messages and give its title."""
    title = f"{messages} messages"
    entries = [
        {
            "id": f"msg_{number}",
            "object": "thread.message",
            "created_at": number + 1,
            "thread_id": "thread_1",
            "role": "assistant" if number % 2 else "user",
            "content": [{"type": "text", "text": {"value": _text(number), "annotations": []}}],
        }
        for number in range(messages)
    ]
    thread = {"metadata": {"title": title}}
    body = {"object": "thread.export", "version": 1, "thread": thread, "entries": entries}
    ask(lab, "POST", "/threads/import", body)
    return title


def _text(number: int) -> str:
    words = "Some **words** and `code`, as models write them. " * 4
    return f"message {number}\n\n{words}\n\n```python\nprint({number})\n```\n\n- one\n- two"
