"""Texts that try to run a script, to load something or to hide, in every place that shows texts.

Each text is written by a model, by code, by a file's name and by an imported thread at once; a real
browser looks at the chat, at a streamed answer, at cards and forms, at the playground, and at the
files that are exported.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from support.attack import PROVOKE, Listener, Trap
from support.browser import chromium_launched
from support.hostile_thread import HostileThread, fill_thread, hostile_reply, open_thread
from support.lab import Lab, download
from support.panel_page import PanelPage, panel_lab
from support.payload_grammar import drawn_payloads
from support.upstream import Upstream

from benchmarks.trust.campaign import Deadline, Outcome

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BATCH = 50
"""Attacks on one page; more of them hide which one it was."""
TEMPLATE_HOSTS = ("https://cdnjs.cloudflare.com/", "https://cdn.jsdelivr.net/")
"""Where nbconvert's own template loads its libraries from; they are not reached in the campaign."""
HIDDEN = r"/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/u"

Sink = Callable[["Scene", int, Sequence[str]], Iterator[str]]
"""Shows the batch of this number somewhere, and yields what is wrong with what is shown."""


class Payloads:
    """The campaign; a case is one text in one place."""

    title: ClassVar[str] = "texts that attack, in 8 places of a browser"
    aim: ClassVar[str] = "scripts, requests, hidden characters"
    full: ClassVar[int] = 12_000
    small: ClassVar[int] = 320

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Show every batch in each place, until all were shown or the deadline has passed."""
        done, failures = 0, []
        with scene(max(1, cases // len(SINKS)), seed) as there:
            for number, batch in enumerate(there.batches):
                if deadline.passed:
                    return Outcome(done, failures, "ended by the clock")
                there.prepare(number)
                for name, sink in SINKS.items():
                    found = [*sink(there, number, batch), *there.escapes()]
                    failures += [f"{name}, batch {number}: {each}" for each in found]
                    done += len(batch)
                there.threads[number].delete(there.lab)
        return Outcome(done, failures)


class Scene:
    """A JupyterLab whose threads are full of attacks, and the pages that look at them."""

    def __init__(
        self, lab: Lab, listener: Listener, batches: Sequence[Sequence[str]], pages: Sequence[Page]
    ) -> None:
        self.lab = lab
        self.batches = batches
        self.panel = PanelPage(lab, pages[0])
        self.reader = pages[1]
        """A page that opens exported files."""
        self.threads: dict[int, HostileThread] = {}
        self._listener = listener
        self._trap = Trap(pages[0], lab.url)
        self._reader_trap = Trap(pages[1], "file://")

    def open(self) -> None:
        """Open the panel and the playground."""
        self.lab.write("safety.ipynb", ["1"])
        self.panel.open("safety.ipynb")
        self.panel.palette("Assistants Playground")

    @property
    def playground(self) -> Locator:
        """Return the playground."""
        return self.panel.page.locator("#jupyter-assistants-playground")

    def prepare(self, number: int) -> None:
        """Fill a thread with the batch, and open it in the panel."""
        self.threads[number] = fill_thread(self.lab, self.batches[number], number)
        open_thread(self.panel, self.threads[number].title, len(self.batches[number]))

    def look(self, root: Locator) -> Iterator[str]:
        """Provoke what is shown and yield its flaws."""
        self._trap.unfold(root)
        yield from self._trap.provoke(root)

    def read(self, content: str, folder: Path) -> Iterator[str]:
        """Open a page of HTML in the browser, as a person opens a file, and provoke it."""
        path = folder / "exported.html"
        path.write_text(content, "utf-8", errors="replace")
        self.reader.goto(path.as_uri())
        self.reader.evaluate(f"({EVERYTHING})(document.body)")
        yield from (f"ran {each}" for each in self._reader_trap.fired)

    def escapes(self) -> Iterator[str]:
        """Yield what ran and what left, and forget it."""
        self._trap.settle()
        yield from (f"ran {each}" for each in self._trap.fired)
        self.panel.page.evaluate("window.fired = []")
        for trap in (self._trap, self._reader_trap):
            sent = [each for each in trap.requests if not each.startswith(TEMPLATE_HOSTS)]
            trap.requests.clear()
            yield from (f"requested {each}" for each in sent)
        if self._listener.connections:
            yield f"{self._listener.connections} connections reached the listener"
            self._listener.connections = 0


EVERYTHING = PROVOKE.replace(".jp-Assistants-block *, .jp-Assistants-output *", "*")


@contextmanager
def scene(count: int, seed: int) -> Iterator[Scene]:
    """Start a JupyterLab, its model, a listener and a browser."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        listener = stack.enter_context(Listener())
        texts = drawn_payloads(listener.host, count, seed)
        batches = [texts[at : at + BATCH] for at in range(0, count, BATCH)]
        upstream = Upstream(choose=lambda body: hostile_reply(body, batches))
        stack.enter_context(upstream)
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "attacker",
        }
        lab = stack.enter_context(panel_lab(folder / "lab", environ=environ))
        browser = stack.enter_context(chromium_launched())
        pages = [browser.new_page(viewport={"width": 1500, "height": 900}) for _ in range(2)]
        for page in pages:
            page.set_default_timeout(60_000)
        there = Scene(lab, listener, batches, pages)
        there.open()
        yield there


# -- the places


def _chat(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    for article in there.panel.thread.get_by_role("article").all():
        yield from there.look(article)


def _step(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    yield from there.look(there.panel.answer)


def _names(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    """Look at names of files and at citations; the shelf above the thread lists them, too."""
    for box in there.panel.panel.locator(".jp-Assistants-files, .jp-Assistants-citations").all():
        yield from there.look(box)
    yield from there.look(there.panel.panel)


def _streamed(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    there.panel.new_thread()
    there.panel.send(f"please-stream {number}")
    there.panel.wait_over()
    yield from there.look(there.panel.thread)


def _approval(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    there.panel.new_thread()
    there.panel.send(f"please-batch {number}")
    there.panel.code_to_approve.wait_for()
    yield from there.look(there.panel.approval)
    if there.panel.code_to_approve.evaluate(f"each => {HIDDEN}.test(each.textContent)"):
        yield "hidden characters in the code of the form"
    there.panel.reject()
    there.panel.wait_over()


def _playground(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    there.playground.get_by_role("tab", name="Runs").click()
    thread = there.threads[number]
    there.playground.get_by_label("Thread", exact=True).select_option(value=thread.id)
    there.playground.get_by_role("heading", name=thread.run_id).wait_for()
    yield from there.look(there.playground)
    there.playground.get_by_role("tab", name="Assistants").click()
    yield from there.look(there.playground)
    there.playground.get_by_role("tab", name="Files").click()
    yield from there.look(there.playground)


def _exports(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    path = f"/assistants/v1/threads/{there.threads[number].id}/export?format="
    with tempfile.TemporaryDirectory() as folder:
        notebook = download(there.lab, f"{path}notebook").decode()
        yield from there.read(notebook_page(notebook), Path(folder))
        markdown = download(there.lab, f"{path}markdown").decode()
        cell = {"cell_type": "markdown", "metadata": {}, "id": "a", "source": markdown}
        alone = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        yield from there.read(notebook_page(json.dumps(alone)), Path(folder))


def _cells(there: Scene, number: int, batch: Sequence[str]) -> Iterator[str]:
    thread = there.threads[number]
    path = f"/assistants/v1/threads/{thread.id}/runs/{thread.run_id}/cells?format=notebook"
    with tempfile.TemporaryDirectory() as folder:
        promoted = download(there.lab, path).decode()
        yield from there.read(notebook_page(promoted), Path(folder))


def notebook_page(source: str) -> str:
    """Return a notebook as the page that nbconvert makes of it."""
    import nbformat
    from nbconvert import HTMLExporter

    found: Any = nbformat.reads(source, as_version=4)
    page, _ = HTMLExporter().from_notebook_node(found)
    return str(page)


SINKS: dict[str, Sink] = {
    "chat": _chat,
    "step card": _step,
    "names and citations": _names,
    "streamed answer": _streamed,
    "approval": _approval,
    "playground": _playground,
    "exported thread": _exports,
    "promoted cells": _cells,
}
