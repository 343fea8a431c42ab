"""Commands, menus, tool bars, settings and themes in a real JupyterLab, and in Notebook 7."""

from __future__ import annotations

import json
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from support.browser import expect
from support.lab import Lab
from support.panel_page import DATA, PanelPage, panel_lab, panel_page
from support.upstream import Upstream, chunk, events, plain

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);"
# Notes when the text of an answer that streams is another one.
WATCH_DRAWING = """() => {
  window.drawn = [];
  let last = '';
  new MutationObserver(() => {
    const block = document.querySelector('#jupyter-assistants-panel [data-run-id] .jp-Assistants-block');
    const text = block?.textContent.trim() ?? '';
    if (text && text !== last) { drawn.push(performance.now()); last = text; }
  }).observe(document.querySelector('#jupyter-assistants-panel'),
    {subtree: true, childList: true, characterData: true});
}"""
LANGUAGE = urllib.parse.quote("@jupyterlab/translation-extension:plugin", safe="")
SETTINGS = urllib.parse.quote("jupyter-assistants:plugin", safe="")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    pack = tmp_path_factory.mktemp("pack")
    write_language_pack(pack)
    words = [piece for number in range(12) for piece in (chunk({"content": f"word{number} "}), 0.2)]
    models = plain({"data": [{"id": "small-model"}]})
    with (
        Upstream(events(*words, chunk({}, "stop")), models=models) as upstream,
        panel_lab(
            tmp_path_factory.mktemp("commands"),
            environ={
                "JUPYTER_ASSISTANTS_MODEL": "demo",
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": "k",
                "PYTHONPATH": str(pack),
            },
        ) as started,
    ):
        shutil.copy(DATA / "penguins.csv", started.root)
        started.write("work.ipynb", ["marker = 41 + 1\nprint(marker)", "1 / 0", PLOT])
        yield started


@pytest.fixture(scope="module")
def opened(lab: Lab) -> Iterator[PanelPage]:
    with panel_page(lab, width=1500) as page:
        page.open("work.ipynb")
        for index in range(3):
            page.run(index)
        yield page


@pytest.fixture
def page(opened: PanelPage) -> PanelPage:
    opened.page.keyboard.press("Escape")
    opened.show()
    opened.new_thread()
    opened.composer.fill("")
    attached = opened.panel.get_by_role("list", name="Attached")
    while attached.get_by_role("button").count():
        attached.get_by_role("button").first.click()
    return opened


def menu(page: PanelPage, item: str) -> Locator:
    """Return an item of the context menu that is open."""
    return page.page.locator(".lm-Menu").last.get_by_role("menuitem", name=item)


def choose(page: PanelPage, index: int) -> Locator:
    """Select a cell and give its tool bar."""
    page.cell(index).locator(".cm-content").click()
    return page.cell(index).locator(".jp-cell-toolbar")


def write_language_pack(folder: Path) -> None:
    """Write a distribution with texts of the panel in Esperanto, as pip would install it."""
    catalogue = {
        "": {
            "domain": "jupyter_assistants",
            "language": "eo",
            "plural_forms": "nplurals=2; plural=(n != 1);",
        },
        "Attach files": ["Aldoni dosierojn"],
        "Runs in %1": ["Ruliĝas en %1"],
        "Playground": ["Ludejo"],
    }
    texts = folder / "esperanto" / "locale" / "eo" / "LC_MESSAGES" / "jupyter_assistants.json"
    texts.parent.mkdir(parents=True)
    texts.write_text(json.dumps(catalogue), "utf-8")
    (folder / "esperanto" / "__init__.py").touch()
    installed = folder / "esperanto-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: esperanto\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[jupyterlab.languagepack]\neo = esperanto\n")


def set_settings(lab: Lab, values: dict[str, Any], plugin: str = SETTINGS) -> None:
    """Write the user's settings, as JupyterLab's editor of settings does."""
    request = urllib.request.Request(
        f"{lab.url}/lab/api/settings/{plugin}",
        method="PUT",
        data=json.dumps({"raw": json.dumps(values)}).encode(),
        headers={"Authorization": f"token {lab.token}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=20).close()


def test_the_tool_bar_of_a_cell_fixes_its_error_where_there_is_one(page: PanelPage) -> None:
    fix = "Ask the assistant to fix the error in this cell"
    expect(choose(page, 0).get_by_role("button", name=fix)).to_be_hidden()
    button = choose(page, 1).get_by_role("button", name=fix)
    expect(button).to_be_visible()
    page.screenshot("commands-cell-toolbar")
    button.click()
    page.wait_over()
    said = page.thread.get_by_role("article", name="You").last
    expect(said).to_contain_text("Why does this cell fail?")
    messages = page.ask("GET", f"/threads/{page.newest_thread()}/messages?order=asc")["data"]
    texts = [part["text"]["value"] for part in messages[0]["content"] if part["type"] == "text"]
    assert any("1 / 0" in text and "ZeroDivisionError" in text for text in texts)


def test_a_slash_command_asks_to_fix_the_error_of_the_selected_cell(page: PanelPage) -> None:
    options = page.panel.get_by_role("listbox", name="Suggestions").get_by_role("option")
    choose(page, 0)
    page.composer.press_sequentially("/fix")
    expect(options).to_have_count(0)
    page.composer.fill("")
    choose(page, 1)
    page.composer.press_sequentially("/fix")
    expect(options).to_have_count(1)
    page.composer.press("Enter")
    expect(page.composer).to_have_value("Fix the error in this cell.")
    expect(page.panel.get_by_role("list", name="Attached")).to_contain_text("cell [2]")


def test_the_tool_bar_of_a_cell_explains_it(page: PanelPage) -> None:
    bar = choose(page, 0)
    bar.get_by_role("button", name="Ask the assistant to explain this cell").click()
    page.wait_over()
    said = page.thread.get_by_role("article", name="You").last
    expect(said).to_contain_text("Explain this cell")


def test_a_question_of_a_cell_waits_in_the_composer_and_what_was_written_stays(
    page: PanelPage,
) -> None:
    page.composer.fill("half a thought")
    choose(page, 0).get_by_role("button", name="Ask the assistant about this cell").click()
    expect(page.composer).to_be_focused()
    expect(page.composer).to_have_value("half a thought")
    attached = page.panel.get_by_role("list", name="Attached")
    expect(attached).to_contain_text("cell")
    choose(page, 0).get_by_role("button", name="Ask the assistant to explain this cell").click()
    expect(page.composer).to_have_value("half a thought\nExplain this cell and its output.")
    expect(page.thread.get_by_role("article")).to_have_count(0)


def test_an_output_is_asked_about_with_its_image(page: PanelPage) -> None:
    page.output(2).locator("img").click(button="right")
    menu(page, "Ask About This Output").click()
    attached = page.panel.get_by_role("list", name="Attached")
    expect(attached).to_contain_text("output.png")
    expect(page.composer).to_have_value("What does this picture show?")
    page.screenshot("commands-output")
    page.composer.press("Enter")
    page.wait_over()
    message = page.ask("GET", f"/threads/{page.newest_thread()}/messages?order=asc")["data"][0]
    (image,) = [part for part in message["content"] if part["type"] == "image_file"]
    stored = page.ask("GET", f"/files/{image['image_file']['file_id']}")
    assert (stored["filename"], stored["purpose"]) == ("output.png", "vision")
    assert stored["bytes"] > 1000


def test_an_error_is_asked_about_from_its_context_menu(page: PanelPage) -> None:
    page.output(1).locator(".jp-OutputArea-child").first.click(button="right")
    expect(menu(page, "Fix This Error")).to_be_visible()
    page.screenshot("commands-context-menu")
    menu(page, "Ask About This Output").click()
    expect(page.composer).to_have_value("What does this error mean?")


def test_a_file_of_the_file_browser_is_attached(page: PanelPage) -> None:
    page.page.locator(".jp-DirListing-item").filter(has_text="penguins.csv").click(button="right")
    menu(page, "Ask About This File").click()
    attached = page.panel.get_by_role("list", name="Attached")
    expect(attached).to_contain_text("penguins.csv")
    expect(attached).not_to_contain_text("uploading")
    expect(page.composer).to_be_focused()


def test_the_selection_is_asked_about(page: PanelPage) -> None:
    choose(page, 0)
    page.page.keyboard.press("Control+Home")
    page.page.keyboard.press("Shift+End")
    page.page.get_by_role("menuitem", name="Assistant", exact=True).click()
    menu(page, "Ask About the Selection").click()
    expect(page.composer).to_have_value("```python\nmarker = 41 + 1\n```\n")


def test_commands_are_in_the_menu_and_in_the_palette(page: PanelPage) -> None:
    page.page.get_by_role("menuitem", name="Assistant", exact=True).click()
    opened = page.page.locator(".lm-Menu").last
    for label in ("Open the Assistant", "New Thread", "Show All Threads", "Playground"):
        expect(opened.get_by_role("menuitem", name=label)).to_be_visible()
    expect(opened.get_by_role("menuitem", name="Stop the Answer")).to_have_attribute(
        "aria-disabled", "true"
    )
    page.screenshot("commands-menu")
    page.page.keyboard.press("Escape")
    page.palette("Show All Threads")
    expect(page.panel.get_by_role("heading", name="Threads")).to_be_visible()
    page.palette("Open the Assistant")


def test_the_view_menu_hides_and_shows_the_panel(page: PanelPage) -> None:
    # JupyterLab gives items that are on another role.
    roles: list[tuple[bool, Literal["menuitem", "menuitemcheckbox"]]]
    roles = [(True, "menuitemcheckbox"), (False, "menuitem")]
    for shown, role in roles:
        page.page.get_by_role("menuitem", name="View", exact=True).click()
        page.page.get_by_role(role, name="Assistant Panel").click()
        expect(page.panel).to_be_visible(visible=not shown)


def test_a_thread_is_exported_by_a_command(page: PanelPage) -> None:
    page.send("what can you do")
    page.wait_over()
    with page.page.expect_download() as download:
        page.palette("Export Thread as Markdown")
    assert download.value.suggested_filename.endswith(".md")


def test_a_shortcut_puts_the_focus_into_the_composer(page: PanelPage) -> None:
    choose(page, 0)
    # In the editor of a cell this key selects everything.
    expect(page.page.locator(".jp-Notebook.jp-mod-editMode")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".jp-Notebook.jp-mod-commandMode")).to_be_visible()
    page.page.keyboard.press("Control+Shift+a")
    expect(page.composer).to_be_focused()


def test_the_status_bar_tells_model_and_tokens_and_opens_the_panel(page: PanelPage) -> None:
    page.send("what can you do")
    page.wait_over()
    status = page.page.get_by_role("button", name="demo · ")
    expect(status).to_contain_text("tokens")
    choose(page, 0)
    status.click()
    expect(page.composer).to_be_focused()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_the_panel_and_the_playground_follow_the_theme(page: PanelPage, theme: str) -> None:
    page.palette("Assistants Playground")
    playground = page.page.locator("#jupyter-assistants-playground")
    playground.get_by_role("tab", name="Assistants").click()
    field = playground.get_by_label("Name", exact=True)
    colour = "node => getComputedStyle(node).backgroundColor"
    light = field.evaluate(colour)
    page.palette(f"Use Theme: {theme}")
    body = page.page.locator("body")
    expect(body).to_have_attribute("data-jp-theme-name", theme)
    page.page.locator("#jupyterlab-splash").wait_for(state="detached")
    assert field.evaluate(colour) != light
    page.screenshot(f"theme-{theme.lower().replace(' ', '-')}")
    page.palette("Use Theme: JupyterLab Light")
    expect(body).to_have_attribute("data-jp-theme-name", "JupyterLab Light")
    page.page.locator(".lm-TabBar-tab").filter(has_text="work.ipynb").first.click()


def test_forced_colours_leave_borders_around_buttons(page: PanelPage) -> None:
    page.page.emulate_media(forced_colors="active")
    page.screenshot("theme-forced-colours")
    send = page.panel.get_by_role("button", name="Try the demo")
    assert send.evaluate("node => getComputedStyle(node).borderTopStyle") == "solid"
    page.page.emulate_media(forced_colors="none")


def test_settings_are_used(lab: Lab, page: PanelPage) -> None:
    set_settings(
        lab,
        {
            "sendOnEnter": False,
            "approval": "auto",
            "context": "names",
            "showStatus": False,
            "showUsage": False,
        },
    )
    try:
        page.open("work.ipynb")
        page.new_thread()
        page.composer.fill("overview of penguins.csv")
        page.composer.press("Enter")
        expect(page.composer).to_have_value("overview of penguins.csv\n")
        page.composer.press("Control+Enter")
        # With the approval `auto` nothing waits for a person.
        page.wait_over()
        expect(page.answer).to_have_attribute("data-status", "completed")
        thread = page.ask("GET", f"/threads/{page.newest_thread()}")
        assert thread["jupyter"]["context"] == "names"
        expect(page.page.get_by_role("button", name="demo · ")).to_have_count(0)
        expect(page.panel.get_by_text(" tokens")).to_have_count(0)
    finally:
        set_settings(lab, {})


def test_the_default_model_the_pace_of_drawing_and_the_language_are_used(
    lab: Lab, page: PanelPage
) -> None:
    set_settings(lab, {"defaultModel": "small-model", "drawsPerSecond": 1})
    set_settings(lab, {"locale": "eo"}, LANGUAGE)
    try:
        page.open("work.ipynb")
        expect(page.panel.get_by_text("Ruliĝas en work.ipynb")).to_be_visible()
        expect(page.panel.get_by_role("button", name="Aldoni dosierojn")).to_be_visible()
        page.screenshot("panel-esperanto")
        page.new_thread()
        page.page.evaluate(WATCH_DRAWING)
        page.send("write")
        page.wait_over()
        expect(page.answer).to_contain_text("word0 word1")
        (run,) = page.ask("GET", f"/threads/{page.newest_thread()}/runs")["data"]
        assert run["model"] == "small-model"
        # The end is drawn at once; all before it keep their distance.
        *drawn, _ = page.page.evaluate("window.drawn")
        assert len(drawn) > 1
        assert min(b - a for a, b in pairwise(drawn)) > 900
    finally:
        set_settings(lab, {})
        set_settings(lab, {}, LANGUAGE)


def test_the_panel_works_in_notebook_7(page: PanelPage, lab: Lab) -> None:
    lab.write("seven.ipynb", ["marker = 7", "1 / 0"])
    page.page.goto(f"{lab.url}/notebooks/seven.ipynb?token={lab.token}")
    page.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_idle(60)
    page.page.keyboard.press("Control+Shift+a")
    expect(page.panel).to_be_visible()
    expect(page.composer).to_be_focused()
    page.send("load penguins.csv and show missing values")
    page.approve_always()
    page.wait_over()
    page.run(1)
    bar = choose(page, 1)
    bar.get_by_role("button", name="Ask the assistant to fix the error in this cell").click()
    page.wait_over()
    expect(page.thread.get_by_role("article", name="You").last).to_contain_text("Why does this")
    page.screenshot("notebook-7")
    page.palette("Assistants Playground")
    playground = page.page.locator("#jupyter-assistants-playground")
    expect(playground.get_by_role("tab", name="Start")).to_be_in_viewport()
    expect(playground.get_by_text("You are using the demo model.")).to_be_in_viewport(ratio=1)
    page.screenshot("notebook-7-playground")
