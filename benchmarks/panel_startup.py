"""The panel's share in JupyterLab's start: from navigation to ``app.restored``, with and without it.

Both servers run at once and alternate, so that other load on the machine affects both.
"""

from __future__ import annotations

import contextlib
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from figures import median_ms, table
from playwright.sync_api import Browser, BrowserContext
from support.browser import chromium_launched
from support.lab import Lab, start_lab

TURNS = int(sys.argv[1]) if len(sys.argv) > 1 else 12
_OPTIONS = ("--LabApp.expose_app_in_browser=True",)
# performance.now() begins with the navigation.
_RESTORED = """async () => {
  while (!window.jupyterapp) await new Promise(done => setTimeout(done, 1));
  await window.jupyterapp.restored;
  return performance.now() / 1000;
}"""
_HAS_PANEL = "window.jupyterapp.hasPlugin('jupyter-assistants:panel')"


def main() -> None:
    """Measure, and print the figures."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        labs = [
            stack.enter_context(_lab(Path(folder) / name, disabled))
            for name, disabled in (("with", False), ("without", True))
        ]
        browser = stack.enter_context(chromium_launched())
        for lab in labs:
            _start(browser, lab, has_panel=lab is labs[0])  # the servers' own first time
        times = [_turn(browser, labs, number) for number in range(TURNS)]
    for title, at in (("an empty cache", 0), ("the page again", 1)):
        with_it = [turn[0][at] for turn in times]
        without = [turn[1][at] for turn in times]
        rows = [
            ("without the panel, median", f"{median_ms(without):.0f} ms"),
            ("with it, median", f"{median_ms(with_it):.0f} ms"),
            ("ratio", _judged([a / b for a, b in zip(with_it, without, strict=True)])),
        ]
        table(f"JupyterLab's start, {title}, {TURNS} times each", rows)


def _lab(folder: Path, disabled: bool) -> contextlib.AbstractContextManager[Lab]:
    """Start a JupyterLab, with the panel enabled or disabled."""
    config = folder / "home" / ".jupyter" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": {"jupyter-assistants": disabled}}))
    return start_lab(folder, options=_OPTIONS)


def _turn(
    browser: Browser, labs: Sequence[Lab], number: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Load the page of both; which one is first alternates."""
    order = [0, 1] if number % 2 == 0 else [1, 0]
    found = {each: _start(browser, labs[each], has_panel=each == 0) for each in order}
    return found[0], found[1]


def _start(browser: Browser, lab: Lab, *, has_panel: bool) -> tuple[float, float]:
    """Return the seconds of a start with an empty cache and of a second one."""
    with contextlib.closing(browser.new_context()) as context:
        return _load(context, lab, has_panel), _load(context, lab, has_panel)


def _load(context: BrowserContext, lab: Lab, has_panel: bool) -> float:
    with contextlib.closing(context.new_page()) as page:
        page.goto(f"{lab.url}/lab?token={lab.token}&reset", wait_until="commit")
        seconds = float(page.evaluate(_RESTORED))
        assert page.evaluate(_HAS_PANEL) is has_panel
        return seconds


def _judged(ratios: list[float]) -> str:
    """Return the median ratio with its 95 % interval, and what it means."""
    chance = random.Random(0)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(2_000))
    low, high = medians[50], medians[-51]
    said = "slower" if low > 1 else "faster" if high < 1 else "not measurable beside the spread"
    return f"{statistics.median(ratios):.3f} (95 %: {low:.3f} to {high:.3f}): {said}"


if __name__ == "__main__":
    main()
