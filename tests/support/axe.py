"""Asks axe whether everybody can use what a page shows, in every theme of JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.browser import expect
from support.panel_page import PanelPage
from support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that a theme can change.
COLOURS = ["color-contrast", "link-in-text-block"]

PANEL = "#jupyter-assistants-panel"
PLAYGROUND = "#jupyter-assistants-playground"
DIALOG = ".jp-Dialog"
THEMES = ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]


def violations(page: Page, selector: str, *, colours_only: bool = False) -> list[str]:
    """Return what axe finds wrong below a selector, each with its place and its reason."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    # JupyterLab's body is 0 pixels high and hides what flows over; axe takes all text for hidden then.
    page.evaluate("document.body.style.height = '100vh'")
    only = {"type": "rule", "values": COLOURS} if colours_only else {"type": "tag", "values": RULES}
    found: dict[str, Any] = page.evaluate(
        "([selector, runOnly]) => axe.run(selector, {runOnly})", [selector, only]
    )
    return [
        f"{each['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def use_theme(panel: PanelPage, theme: str) -> None:
    """Change JupyterLab's theme and wait until it is there."""
    panel.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    expect(panel.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    expect(panel.page.locator("#jupyterlab-splash")).to_be_hidden()


def wrong(panel: PanelPage, state: str, selector: str = PANEL) -> list[str]:
    """Return what is wrong with a state of the page, in any theme; takes a picture of each."""
    now = panel.page.locator("body").get_attribute("data-jp-theme-name")
    # One begins with the theme that is there, because a change takes time.
    themes = sorted(THEMES, key=lambda theme: theme != now)
    found = []
    for theme in themes:
        if theme != themes[0]:
            use_theme(panel, theme)
        wanting = violations(panel.page, selector, colours_only=theme != themes[0])
        found += [f"{state}, {theme}: {each}" for each in wanting]
        panel.screenshot(f"access-{state}-{theme.rsplit(' ')[-1].lower()}")
    return found


def check(panel: PanelPage, state: str, selector: str = PANEL) -> None:
    """Fail if anything is wrong with a state of the page, in any theme."""
    found = wrong(panel, state, selector)
    assert found == [], "\n\n".join(found)
