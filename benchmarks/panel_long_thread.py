"""What a long thread costs the panel: 2,000 messages, opened from the list and read to their beginning."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from figures import median_ms, table
from lab import Lab, LabPage, browser_page
from panel_page import PanelPage, import_thread, panel_lab

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, panel_lab(Path(folder)) as lab:
        lab.write("empty.ipynb", ["1"])
        opened, pages = long_thread(lab)
        rows = [
            (f"a thread of {MESSAGES} messages opens in", f"{opened * 1000:.0f} ms"),
            ("a page above it, median", f"{median_ms(pages):.0f} ms"),
            ("the slowest page", f"{max(pages) * 1000:.0f} ms"),
        ]
        table("The panel", rows)


def long_thread(lab: Lab) -> tuple[float, list[float]]:
    """Give the seconds to open a long thread, and to read each page above its end."""
    title = import_thread(lab, MESSAGES)
    pages: list[float] = []
    with browser_page() as page:
        panel = PanelPage(lab, page)
        LabPage.open(panel, "empty.ipynb")
        panel.show()
        panel.panel.get_by_role("button", name="Show all threads").click()
        row = panel.panel.get_by_role("button", name=title).first
        row.wait_for()
        begun = time.monotonic()
        row.click()
        articles = panel.thread.get_by_role("article")
        articles.last.get_by_text(f"message {MESSAGES - 1}").wait_for()
        opened = time.monotonic() - begun
        count = articles.count()
        while count < MESSAGES:
            begun = time.monotonic()
            panel.thread.evaluate("node => { node.scrollTop = 0; }")
            page.wait_for_function(
                "count => document.querySelectorAll('[data-message-id]').length > count", arg=count
            )
            pages.append(time.monotonic() - begun)
            count = articles.count()
    return opened, pages


if __name__ == "__main__":
    main()
