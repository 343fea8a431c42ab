"""Where one writes: keys, mentions, commands, attachments, drafts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from support.browser import expect
from support.panel_page import PanelPage
from support.upstream import Upstream

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
GIVE = """(field, [kind, name, type, bytes]) => {
  const data = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), each => each.charCodeAt(0));
  data.items.add(new File([raw], name, { type }));
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
  field.dispatchEvent(event);
}"""


def attached(panel: PanelPage) -> Locator:
    return panel.panel.get_by_role("list", name="Attached").get_by_role("listitem")


def options(panel: PanelPage) -> Locator:
    return panel.panel.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_shift_enter_breaks_the_line_and_enter_sends(panel: PanelPage) -> None:
    panel.composer.click()
    panel.page.keyboard.type("one")
    panel.page.keyboard.press("Shift+Enter")
    panel.page.keyboard.type("two")
    expect(panel.composer).to_have_value("one\ntwo")
    panel.page.keyboard.press("Enter")
    expect(panel.thread.get_by_role("article", name="You")).to_contain_text("one\ntwo")
    expect(panel.composer).to_have_value("")
    panel.wait_over()


def test_files_cells_and_variables_are_mentioned(panel: PanelPage, upstream: Upstream) -> None:
    panel.composer.click()
    panel.page.keyboard.type("look at @mark")
    expect(options(panel).filter(has_text="marker").first).to_be_visible()
    panel.screenshot("panel-suggestions")
    panel.page.keyboard.press("Enter")
    expect(panel.composer).to_have_value("look at @marker ")
    panel.page.keyboard.type("and @file:notes")
    expect(options(panel).first).to_contain_text("notes.md")
    panel.page.keyboard.press("Tab")
    expect(attached(panel).filter(has_text="notes.md")).not_to_contain_text("uploading")
    panel.page.keyboard.type("and @cell:")
    expect(options(panel).first).to_contain_text("cell [")
    panel.page.keyboard.press("Enter")
    expect(attached(panel)).to_have_count(2)
    panel.page.keyboard.press("Enter")
    mine = panel.thread.get_by_role("article", name="You")
    expect(mine).to_contain_text("notes.md")
    expect(mine).to_contain_text("From the notebook, cell [1] of work.ipynb")
    panel.wait_over()
    assert "marker = 1" in str(upstream.body["messages"])


def test_escape_leaves_the_list_and_the_text_stays(panel: PanelPage) -> None:
    panel.composer.click()
    panel.page.keyboard.type("/")
    expect(options(panel).first).to_be_visible()
    panel.page.keyboard.press("Escape")
    expect(options(panel)).to_have_count(0)
    expect(panel.composer).to_have_value("/")
    panel.composer.fill("")


def test_a_command_attaches_the_selected_cell(panel: PanelPage) -> None:
    panel.cell(0).locator(".cm-content").click()
    panel.composer.click()
    panel.page.keyboard.type("/expl")
    expect(options(panel)).to_have_count(1)
    panel.page.keyboard.press("Enter")
    expect(panel.composer).to_have_value("Explain this cell.")
    expect(panel.composer).to_be_focused()
    expect(attached(panel)).to_contain_text("cell [1]")
    panel.panel.get_by_role("button", name="Remove cell [1]").click()
    expect(attached(panel)).to_have_count(0)
    panel.composer.fill("")


def drag(panel: PanelPage, dragged: Locator) -> None:
    """Drag something of JupyterLab into the field to write in."""
    source, target = dragged.bounding_box(), panel.composer.bounding_box()
    assert source is not None and target is not None
    mouse = panel.page.mouse
    mouse.move(source["x"] + 40, source["y"] + 8)
    mouse.down()
    mouse.move(source["x"] + 80, source["y"] + 60, steps=5)
    mouse.move(target["x"] + 40, target["y"] + 20, steps=10)
    mouse.up()


def test_a_cell_of_the_notebook_is_dropped(panel: PanelPage) -> None:
    drag(panel, panel.cell(0).locator(".jp-InputPrompt"))
    expect(attached(panel)).to_have_count(1)
    expect(attached(panel)).to_contain_text("cell [1]")
    panel.panel.get_by_role("button", name="Remove cell [1]").click()


def test_a_file_of_the_file_browser_is_dropped(panel: PanelPage) -> None:
    drag(panel, panel.page.locator(".jp-DirListing-item", has_text="penguins.csv"))
    expect(attached(panel)).to_contain_text("penguins.csv")
    panel.panel.get_by_role("button", name="Remove penguins.csv").click()


def test_a_file_of_the_desktop_is_dropped(panel: PanelPage) -> None:
    data = base64.b64encode(b"a,b\n1,2\n").decode()
    panel.composer.evaluate(GIVE, ["drop", "dropped.csv", "text/csv", data])
    expect(attached(panel)).to_contain_text("dropped.csv")
    panel.panel.get_by_role("button", name="Remove dropped.csv").click()


def test_a_pasted_image_goes_into_the_message(panel: PanelPage) -> None:
    panel.composer.evaluate(GIVE, ["paste", "shot.png", "image/png", PIXEL])
    expect(attached(panel)).to_contain_text("shot.png")
    expect(attached(panel)).not_to_contain_text("uploading")
    panel.send("what is this")
    panel.wait_over()
    expect(panel.thread.get_by_role("article", name="You").locator("img")).to_be_visible()
    thread = panel.ask("GET", "/threads?limit=1")["data"][0]["id"]
    sent = panel.ask("GET", f"/threads/{thread}/messages?order=asc&limit=1")["data"][0]
    assert [part["type"] for part in sent["content"]] == ["text", "image_file"]


def test_a_draft_and_its_attachments_survive_a_reload(panel: PanelPage) -> None:
    panel.panel.get_by_label("Files to attach").set_input_files(panel.lab.root / "notes.md")
    expect(attached(panel)).to_contain_text("notes.md")
    expect(attached(panel)).not_to_contain_text("uploading")
    panel.composer.fill("half a thought")
    panel.page.reload()
    panel.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
    panel.show()
    # A notebook that opens brings its own thread.
    expect(panel.panel.get_by_text("Runs in work.ipynb")).to_be_visible()
    panel.new_thread()
    expect(panel.composer).to_have_value("half a thought")
    expect(attached(panel)).to_contain_text("notes.md")
    panel.composer.fill("")
    panel.panel.get_by_role("button", name="Remove notes.md").click()


def test_another_model_answers_when_it_is_picked(panel: PanelPage) -> None:
    panel.panel.get_by_role("combobox", name="Model").select_option("demo")
    panel.send("what can you do")
    panel.wait_over()
    expect(panel.answer).to_contain_text("demo model: rules, not an AI")
    panel.panel.get_by_role("combobox", name="Model").select_option("")
