"""Chat in the panel: how answers look, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.browser import expect
from support.panel_model import LONG
from support.panel_page import PanelPage
from support.upstream import Upstream

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser

FILES = """import pandas as pd
table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
table.to_csv("table.csv", index=False)
print("printed")
table"""


def test_code_math_and_tables_of_an_answer_are_drawn(panel: PanelPage) -> None:
    panel.send("markdown please")
    panel.wait_over()
    answer = panel.answer
    expect(answer.get_by_role("heading", name="A heading")).to_be_visible()
    expect(answer.get_by_role("cell", name="one")).to_be_visible()
    expect(answer.locator("mjx-container").first).to_be_visible()
    expect(answer.locator("pre").get_by_text("answer")).to_be_visible()
    expect(answer.get_by_role("listitem").last).to_have_text("second")
    expect(answer).to_contain_text("11 + 7 tokens")
    panel.screenshot("panel-markdown")


COUNT_RENDERINGS = """() => {
  window.renderings = 0;
  new MutationObserver(records => {
    const blocks = records.map(each => each.target.parentElement?.closest('.jp-Assistants-block'));
    window.renderings += new Set(blocks.filter(Boolean)).size;
  }).observe(document.querySelector('#jupyter-assistants-panel'), {subtree: true, childList: true});
}"""


def test_an_answer_in_500_pieces_renders_no_block_twice_without_need(panel: PanelPage) -> None:
    panel.page.evaluate(COUNT_RENDERINGS)
    panel.send("long answer")
    panel.wait_over()
    expect(panel.answer).to_contain_text("Paragraph 140")
    blocks = panel.answer.locator(".jp-Assistants-block").count()
    renderings = panel.page.evaluate("window.renderings")
    # Each block once, and with each piece at most the block that it ends; a rendering changes a
    # node twice at most. Rendering all blocks again with each piece gives tens of thousands.
    assert blocks <= renderings <= 2 * (blocks + len(LONG) // 20)


def test_code_of_an_answer_becomes_a_cell(panel: PanelPage) -> None:
    cells = panel.page.locator(".jp-Notebook .jp-Cell")
    panel.send("markdown")
    panel.wait_over()
    count = cells.count()
    panel.answer.get_by_role("button", name="Insert as cell").click()
    expect(cells).to_have_count(count + 1)
    expect(cells.filter(has_text="answer = 42")).to_have_count(1)


def test_code_is_applied_to_a_cell_behind_a_look_at_the_difference(panel: PanelPage) -> None:
    panel.send("markdown")
    panel.wait_over()
    cell = panel.page.locator(".jp-Notebook .jp-Cell").last
    expect(cell).to_contain_text("marker + 1")
    cell.locator(".cm-content").click()
    panel.answer.get_by_role("button", name="Apply to the selected cell").click()
    difference = panel.page.get_by_role("region", name="Changes to the cell")
    expect(difference).to_contain_text("- marker + 1")
    expect(difference).to_contain_text("+ answer = 42")
    panel.screenshot("panel-diff")
    panel.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(cell).to_contain_text("marker + 1")
    panel.answer.get_by_role("button", name="Apply to the selected cell").click()
    panel.page.get_by_role("dialog").get_by_role("button", name="Apply", exact=True).click()
    expect(cell).to_contain_text("answer = 42")


def test_stop_ends_running_code_and_keeps_the_variables(panel: PanelPage) -> None:
    panel.send("run kept = 1\nimport time\nprint('be' + 'gun')\ntime.sleep(600)")
    panel.approve_always()
    expect(panel.answer.locator(".jp-Assistants-outputs")).to_contain_text("begun")
    panel.panel.get_by_role("button", name="Stop", exact=True).click()
    panel.wait_over()
    expect(panel.answer).to_have_attribute("data-status", "cancelled")
    expect(panel.answer).to_contain_text(
        "Stopped. The code was interrupted; your variables are kept."
    )
    panel.wait_idle()
    panel.send("run print(kept + 41)")
    panel.wait_over()
    expect(panel.answer).to_contain_text("42")


def test_a_slow_answer_is_stopped_and_what_came_of_it_stays(panel: PanelPage) -> None:
    panel.send("slow")
    expect(panel.answer).to_contain_text("word3")
    panel.panel.get_by_role("button", name="Stop", exact=True).click()
    panel.wait_over()
    expect(panel.answer).to_contain_text("This message is incomplete.")
    expect(panel.answer).to_contain_text("word3")


def test_outputs_files_and_changes_of_a_step_are_shown(panel: PanelPage) -> None:
    panel.send(f"run {FILES}")
    panel.approve()
    panel.wait_over()
    answer = panel.answer
    expect(answer).to_contain_text("Ran Python")
    expect(answer).to_contain_text("printed")
    preview = answer.get_by_role("region", name="First rows of table.csv")
    expect(preview.get_by_role("cell", name="y")).to_be_visible()
    expect(answer).to_contain_text("new: table, table.csv")
    panel.screenshot("panel-step")
    with panel.page.expect_download() as download:
        answer.get_by_role("button", name="Download table.csv").click()
    assert download.value.path().read_text() == "a,b\n1,x\n2,y\n"
    panel.panel.get_by_text("1 file", exact=True).click()
    shelf = panel.panel.get_by_role("group", name="Files of this thread")
    expect(shelf).to_contain_text("table.csv")
    shelf.get_by_role("button", name="Open table.csv").click()
    expect(panel.page.get_by_role("tab", name="table.csv")).to_be_visible()
    panel.page.get_by_role("tab", name="work.ipynb").click()
    answer.get_by_role("button", name="Undo").click()
    expect(answer).to_contain_text("undone")


def test_images_of_code_are_shown_and_html_of_code_is_harmless(panel: PanelPage) -> None:
    code = (
        "from IPython.display import HTML, SVG, display\n"
        "display(HTML('<b>bold</b><script>window.hit = 1</script>'))\n"
        'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
        '<circle r="9"/></svg>\'))\n'
        "1 / 0"
    )
    panel.send(f"run {code}")
    panel.approve()
    panel.wait_over()
    expect(panel.answer.locator("b", has_text="bold")).to_be_visible()
    expect(panel.answer.locator("img").first).to_be_visible()
    expect(panel.answer).to_contain_text("Python raised an error")
    expect(panel.answer).to_contain_text("ZeroDivisionError")
    assert panel.page.evaluate("window.hit") is None
    panel.screenshot("panel-error")


def test_code_that_asks_is_answered_in_the_panel(panel: PanelPage) -> None:
    panel.send("run print('Hello ' + input('Who are you? '))")
    panel.approve()
    field = panel.answer.get_by_label("Who are you?")
    expect(field).to_be_focused()
    field.fill("Otto")
    field.press("Enter")
    panel.wait_over()
    expect(panel.answer).to_contain_text("Hello Otto")


def test_an_answer_is_rated_and_the_message_says_so(panel: PanelPage) -> None:
    panel.send("hello")
    panel.wait_over()
    good = panel.answer.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    thread = panel.ask("GET", "/threads?limit=1")["data"][0]["id"]
    messages = panel.ask("GET", f"/threads/{thread}/messages?limit=1")["data"]
    assert messages[0]["metadata"]["feedback"] == "good"
    good.click()
    expect(good).to_have_attribute("aria-pressed", "false")


def test_an_answer_is_copied(panel: PanelPage) -> None:
    panel.send("hello")
    panel.wait_over()
    actions = panel.answer.get_by_role("group", name="This answer")
    actions.get_by_role("button", name="Copy", exact=True).click()
    assert panel.page.evaluate("navigator.clipboard.readText()") == "You said: hello"


def test_an_answer_is_made_anew_in_a_copy_that_keeps_the_first_one(panel: PanelPage) -> None:
    panel.send("once")
    panel.wait_over()
    panel.answer.get_by_role("button", name="Answer again").click()
    expect(panel.panel.get_by_role("heading", name="once (branch)")).to_be_visible()
    panel.wait_over()
    expect(panel.thread.get_by_role("article", name="You")).to_have_count(1)
    expect(panel.answer).to_contain_text("You said: once")


def test_a_message_is_said_in_other_words_in_a_copy(panel: PanelPage) -> None:
    panel.send("first words")
    panel.wait_over()
    panel.send("second words")
    panel.wait_over()
    mine = panel.thread.get_by_role("article", name="You").last
    mine.get_by_role("button", name="Edit and resend in a branch").click()
    field = mine.get_by_role("textbox", name="Edit your message")
    expect(field).to_be_focused()
    field.fill("better words")
    field.press("Enter")
    expect(panel.answer).to_contain_text("You said: better words")
    mine = panel.thread.get_by_role("article", name="You")
    expect(mine).to_have_count(2)
    expect(mine.last).to_contain_text("better words")
    panel.wait_over()


def test_what_is_sent_is_shown_to_the_letter(panel: PanelPage) -> None:
    panel.send("a question")
    panel.wait_over()
    panel.answer.get_by_role("button", name="What is sent").click()
    sent = panel.page.get_by_role("region", name="What is sent")
    expect(sent).to_contain_text("You are a careful data analyst")
    expect(sent).to_contain_text("a question")
    panel.screenshot("panel-sent")
    panel.page.get_by_role("button", name="Close", exact=True).click()


def test_a_source_opens_its_file_at_the_place(panel: PanelPage) -> None:
    panel.panel.get_by_label("Files to attach").set_input_files(panel.lab.root / "notes.md")
    panel.panel.get_by_role("combobox", name="Model").select_option("demo")
    panel.send("how much does Otto weigh? search the files")
    panel.wait_over()
    source = panel.answer.get_by_role("list", name="Sources").get_by_role("button").first
    expect(source).to_contain_text("notes.md")
    panel.screenshot("panel-citation")
    with panel.page.context.expect_page() as opened:
        source.click()
    expect(opened.value.locator("mark").first).to_contain_text("Otto")
    opened.value.close()
    panel.panel.get_by_role("combobox", name="Model").select_option("")


def test_the_model_is_told_of_the_notebook(panel: PanelPage, upstream: Upstream) -> None:
    panel.send("hello there")
    panel.wait_over()
    assert "marker" in str(upstream.body["messages"])


PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99="
    b"\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_a_remote_image_is_asked_for_when_a_person_wants_it(panel: PanelPage) -> None:
    asked: list[str] = []

    def give(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    panel.page.route("http://images.example/**", give)
    panel.send("![a cat](http://images.example/cat.png)")
    panel.wait_over()
    button = panel.answer.get_by_role("button", name="Load image from images.example")
    expect(button).to_be_visible()
    assert asked == []
    button.click()
    image = panel.answer.locator("img.jp-Assistants-image")
    expect(image).to_have_js_property("naturalWidth", 1)
    assert asked == ["http://images.example/cat.png"]
    panel.page.unroute("http://images.example/**")


def test_what_a_thread_cost_is_said_where_prices_are_known(panel: PanelPage) -> None:
    panel.send("hello")
    panel.wait_over()
    # 11 tokens at 1,000 dollars a million, and 7 at 2,000.
    expect(panel.panel.get_by_text("18 tokens · $0.0250")).to_be_visible()


def test_a_rich_output_is_shown_when_a_person_wants_it(panel: PanelPage) -> None:
    mime = "application/vnd.vegalite.v5+json"
    chart = {
        "data": {"values": [{"a": 1, "b": 2}]},
        "mark": "bar",
        "encoding": {"x": {"field": "a"}, "y": {"field": "b"}},
    }
    data = {mime: chart, "text/plain": "a chart in words"}
    panel.send(f"run from IPython.display import display\ndisplay({data!r}, raw=True)")
    panel.approve()
    panel.wait_over()
    outputs = panel.answer.locator(".jp-Assistants-outputs")
    expect(outputs).to_contain_text("a chart in words")
    assert outputs.locator("canvas, svg").count() == 0
    outputs.get_by_role("button", name=f"Show as {mime}").click()
    expect(outputs.locator("canvas, svg").first).to_be_visible()
