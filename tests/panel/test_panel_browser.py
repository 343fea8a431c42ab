"""The panel in a real JupyterLab, with a real server and kernel."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.browser import chromium_launched, expect
from support.lab import Lab
from support.panel_page import DATA, PanelPage, panel_lab, panel_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return one browser for all pages of the module."""
    with chromium_launched() as launched:
        yield launched


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    environ = {"JUPYTER_ASSISTANTS_MODEL": "demo"}
    with panel_lab(tmp_path_factory.mktemp("panel"), environ=environ) as started:
        shutil.copytree(DATA, started.root / "data")
        shutil.copy(DATA.parent / "quickstart.ipynb", started.root)
        yield started


@pytest.fixture
def panel(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[PanelPage]:
    name = f"{request.node.name}.ipynb"
    lab.write(name, ["marker = 1"])
    with panel_page(lab, browser=browser) as page:
        page.open(name)
        yield page


def test_a_newcomer_gets_a_plot_by_one_sentence_in_under_a_minute(
    lab: Lab, browser: Browser
) -> None:
    with panel_page(lab, browser=browser) as panel:
        begun = time.monotonic()
        panel.open("quickstart.ipynb")
        panel.send("plot mean body_mass_g by species from data/penguins.csv")
        panel.code_to_approve.wait_for()
        panel.screenshot("panel-approval")
        panel.read_code()
        expect(panel.approval.get_by_role("button", name="Run", exact=True)).to_be_focused()
        panel.approve_always()
        panel.wait_over()
        expect(panel.answer).to_contain_text("demo model: rules, not an AI")
        expect(panel.answer.locator("img").first).to_be_visible()
        assert time.monotonic() - begun < 60
        panel.screenshot("panel-plot")


def test_code_runs_in_the_kernel_of_the_notebook_that_is_open(panel: PanelPage) -> None:
    panel.send("show missing values of data/penguins.csv")
    panel.approve_always()
    panel.wait_over()
    panel.cell(0).locator(".cm-content").click()
    panel.page.keyboard.press("Control+a")
    panel.page.keyboard.type("penguins.shape")
    panel.run(0)
    expect(panel.output(0)).to_contain_text("(344,")


def test_the_thread_of_a_notebook_is_there_again_behind_a_reload(panel: PanelPage) -> None:
    panel.send("what can you do")
    panel.wait_over()
    panel.composer.fill("half a tho")
    panel.page.reload()
    panel.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
    panel.show()
    expect(panel.thread.get_by_role("article", name="You")).to_have_text("what can you do")
    expect(panel.answer).to_contain_text("demo model: rules, not an AI")
    expect(panel.composer).to_have_value("half a tho")


def test_a_run_that_a_program_starts_streams_into_the_panel(panel: PanelPage) -> None:
    panel.send("what can you do")
    panel.wait_over()
    thread = panel.ask("GET", "/threads?limit=1")["data"][0]["id"]
    assistant = panel.ask("GET", "/assistants?limit=1")["data"][0]["id"]
    body = {
        "assistant_id": assistant,
        "additional_messages": [{"role": "user", "content": "hello from a program"}],
    }
    panel.ask("POST", f"/threads/{thread}/runs", body)
    expect(panel.thread.get_by_role("article", name="You").last).to_have_text(
        "hello from a program"
    )
    expect(panel.thread.get_by_role("region", name="Answer")).to_have_count(2)
    expect(panel.answer).to_contain_text("demo model: rules, not an AI")
