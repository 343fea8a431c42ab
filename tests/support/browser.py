"""A headless Chromium, found and started only when a test needs it.

Playwright takes a third of a second to import, so nothing here imports it before a browser is asked
for: a run without browser tests never loads it. Test modules take ``expect`` from here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from playwright.sync_api import expect as expect
else:

    def expect(*args: Any) -> Any:
        """Return Playwright's assertions about a page or a locator."""
        from playwright.sync_api import expect as playwright_expect

        return playwright_expect(*args)


NO_CHROMIUM = "No Chromium here; get it with: apt-get install chromium (Debian, Ubuntu)"

# Playwright's own browser needs a download; a system's Chromium does not.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the path of the system's Chromium; skip the test where there is none, fail it in CI."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        if os.environ.get("JUPYTER_ASSISTANTS_NEED_BROWSER"):
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    return path


@contextmanager
def chromium_launched() -> Iterator[Browser]:
    """Start a headless Chromium; skip the test where there is none, but never in CI."""
    from playwright.sync_api import expect, sync_playwright

    path = chromium()
    # The page waits for states; how long that takes is up to the machine.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_page(
    *, width: int = 1280, height: int = 900, browser: Browser | None = None
) -> Iterator[Page]:
    """Open a page of this browser, or of a headless Chromium of its own."""
    with nullcontext(browser) if browser else chromium_launched() as opened:
        page = opened.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(20_000)
        yield page
        page.context.close()
