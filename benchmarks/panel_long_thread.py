"""The cost of a long thread in the panel: 2,000 messages, opened and scrolled to the first one."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from figures import median_ms, table
from playwright.sync_api import ElementHandle
from support.browser import browser_page
from support.lab import Lab, LabPage
from support.panel_page import PanelPage, panel_lab
from support.panel_thread import stored_thread

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
OPENED, PAGE, FRAME = 1.0, 1.0, 0.2
"""Targets, in seconds."""

# Between two frames the page stands still, which is what a person notices.
_FRAMES = """() => {
  window.longestFrame = 0;
  let last = performance.now();
  const look = now => {
    window.longestFrame = Math.max(window.longestFrame, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
# After a few frames, whatever has come into view is rendered.
_DRAWN = """async () => {
  for (let frame = 0; frame < 12; frame++) await new Promise(requestAnimationFrame);
}"""
_COUNT = "document.querySelectorAll('[data-message-id]').length"


@dataclass
class Figures:
    """Seconds of each measurement."""

    opened: float
    pages: list[float]
    frames: list[float]
    """The longest frame while each page was read."""
    through: list[float]
    """The longest frame of each screen, scrolled through from the beginning to the end."""


def main() -> None:
    """Measure, and print the figures."""
    with tempfile.TemporaryDirectory() as folder, panel_lab(Path(folder)) as lab:
        lab.write("empty.ipynb", ["1"])
        found = long_thread(lab)
        rows = [
            ("opens in", _beside(found.opened, OPENED)),
            ("a page above it, median", f"{median_ms(found.pages):.0f} ms"),
            ("the slowest page", _beside(max(found.pages), PAGE)),
            ("the longest frame while pages come, median", f"{median_ms(found.frames):.0f} ms"),
            ("the longest frame of all", _beside(max(found.frames), FRAME)),
            ("a jump through it, median of longest frames", f"{median_ms(found.through):.0f} ms"),
            ("the longest frame of all jumps", _beside(max(found.through), FRAME)),
        ]
        table(f"The panel, a thread of {MESSAGES} messages", rows)


def _beside(seconds: float, aim: float) -> str:
    met = "met" if seconds < aim else "MISSED"
    return f"{seconds * 1000:.0f} ms (target: under {aim * 1000:.0f} ms, {met})"


def long_thread(lab: Lab) -> Figures:
    """Open a long thread, load each earlier page, and scroll through all of it."""
    title = stored_thread(lab, MESSAGES)
    pages: list[float] = []
    frames: list[float] = []
    with browser_page() as page:
        panel = PanelPage(lab, page)
        LabPage.open(panel, "empty.ipynb")
        panel.show()
        panel.panel.get_by_role("button", name="Show all threads").click()
        row = panel.panel.get_by_role("button", name=title).first
        row.wait_for()
        begun = time.monotonic()
        row.click()
        last = panel.thread.locator("[data-message-id]").last
        # Drawn, not only there: its words are a paragraph of Markdown.
        last.locator(".jp-RenderedMarkdown p", has_text=f"message {MESSAGES - 1}").wait_for()
        opened = time.monotonic() - begun
        # Held, because to look for it by its role takes longer than what is measured.
        thread = panel.thread.element_handle()
        assert thread is not None
        page.evaluate(_FRAMES)
        count = page.evaluate(_COUNT)
        while count < MESSAGES:
            page.evaluate("window.longestFrame = 0")
            begun = time.monotonic()
            thread.evaluate("node => { node.scrollTop = 0; }")
            page.wait_for_function(f"count => {_COUNT} > count", arg=count)
            pages.append(time.monotonic() - begun)
            count = page.evaluate(_COUNT)
            frames.append(_frame(panel))
        through = [_screen(panel, thread, step) for step in range(100)]
    return Figures(opened, pages, frames, through)


def _screen(panel: PanelPage, thread: ElementHandle, step: int) -> float:
    """Scroll a hundredth of the thread further, and wait until the page stands still."""
    panel.page.evaluate("window.longestFrame = 0")
    thread.evaluate("(node, part) => { node.scrollTop = node.scrollHeight * part; }", step / 100)
    return _frame(panel)


def _frame(panel: PanelPage) -> float:
    """Return the seconds of the longest frame, once everything is rendered."""
    panel.page.evaluate(_DRAWN)
    return float(panel.page.evaluate("window.longestFrame")) / 1000


if __name__ == "__main__":
    main()
