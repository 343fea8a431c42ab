"""What the panel costs JupyterLab's start, and what a long thread costs the panel.

JupyterLab is started once and opened in turn with and without the panel, by its own switch; the
figure is the ratio of the medians from the page's request to its restored workspace. Then a thread
of 2,000 messages is opened from the list, and read to its beginning.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from figures import median_ms, table
from lab import Lab, LabPage, browser_page
from panel_page import PanelPage, ask, panel_lab

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
MESSAGES = 2_000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, panel_lab(Path(folder)) as lab:
        lab.write("empty.ipynb", ["1"])
        starts: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for panel in (True, False):
                starts[panel].append(start(lab, panel))
        switch(lab, on=True)
        without = median_ms(starts[False])
        ratio = median_ms(starts[True]) / without
        rows = [
            ("JupyterLab without the panel", f"{without:.0f} ms"),
            ("with it", f"{ratio:.2f} times as long"),
        ]
        opened, pages = long_thread(lab)
        rows += [
            (f"a thread of {MESSAGES} messages opens in", f"{opened * 1000:.0f} ms"),
            ("a page above it, median", f"{median_ms(pages):.0f} ms"),
            ("the slowest page", f"{max(pages) * 1000:.0f} ms"),
        ]
        table("The panel", rows)


def switch(lab: Lab, *, on: bool) -> None:
    """Turn the panel's plug-ins on or off, as JupyterLab's own setting does."""
    path = lab.root.parent / "home/.jupyter/labconfig/page_config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"disabledExtensions": {"jupyter-assistants": not on}}))


def start(lab: Lab, panel: bool) -> float:
    """Give the seconds until JupyterLab is restored, in a fresh browser."""
    switch(lab, on=panel)
    with browser_page() as page:
        begun = time.monotonic()
        page.goto(f"{lab.url}/lab?reset&token={lab.token}")
        page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
        took = time.monotonic() - begun
        assert (page.locator("#jupyter-assistants-panel").count() > 0) == panel
    return took


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
            "content": [{"type": "text", "text": {"value": text(number), "annotations": []}}],
        }
        for number in range(messages)
    ]
    thread = {"metadata": {"title": title}}
    body = {"object": "thread.export", "version": 1, "thread": thread, "entries": entries}
    ask(lab, "POST", "/threads/import", body)
    return title


def text(number: int) -> str:
    """Give a message with a little of everything."""
    words = "Some **words** and `code`, as models write them. " * 4
    return f"message {number}\n\n{words}\n\n```python\nprint({number})\n```\n\n- one\n- two"


if __name__ == "__main__":
    main()
