"""Threads in the panel: the list, what is done with one, and notebooks and cells that have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.browser import expect
from support.panel_page import PanelPage
from support.panel_thread import stored_thread

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

pytestmark = pytest.mark.browser


def rows(panel: PanelPage) -> Locator:
    return panel.panel.get_by_role("list", name="Threads").get_by_role("listitem")


def choose(panel: PanelPage, line: str) -> None:
    panel.page.get_by_role("menuitem", name=line).click()


def test_threads_are_found_renamed_and_deleted(panel: PanelPage) -> None:
    for words in ("about zebras", "about lions"):
        panel.new_thread()
        panel.send(words)
        panel.wait_over()
    panel.panel.get_by_role("button", name="Show all threads").click()
    expect(rows(panel).first).to_contain_text("about lions")
    panel.panel.get_by_role("searchbox", name="Search threads").fill("zebras")
    expect(rows(panel)).to_have_count(1)
    panel.screenshot("panel-threads")
    panel.panel.get_by_role("button", name="More actions for about zebras").click()
    choose(panel, "Rename …")
    panel.page.get_by_role("dialog").get_by_role("textbox").fill("striped zebras")
    panel.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    expect(rows(panel)).to_contain_text("striped zebras")
    panel.panel.get_by_role("button", name="More actions for striped zebras").click()
    choose(panel, "Delete …")
    panel.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel.panel.get_by_text("No matching threads.")).to_be_visible()
    panel.panel.get_by_role("searchbox", name="Search threads").fill("")
    rows(panel).filter(has_text="about lions").get_by_role("button").first.click()
    expect(panel.answer).to_contain_text("You said: about lions")


def test_a_thread_is_saved_and_branched(panel: PanelPage) -> None:
    panel.send("first")
    panel.wait_over()
    panel.send("second")
    panel.wait_over()
    panel.panel.get_by_role("button", name="More actions for first").click()
    with panel.page.expect_download() as download:
        choose(panel, "Save as Markdown")
    assert "You said: second" in download.value.path().read_text()
    panel.panel.get_by_role("button", name="More actions for first").click()
    with panel.page.expect_download() as download:
        choose(panel, "Save as notebook")
    assert json.loads(download.value.path().read_text())["nbformat"] == 4
    mine = panel.thread.get_by_role("article", name="You").first
    mine.get_by_role("button", name="Branch from here").click()
    expect(panel.panel.get_by_role("heading", name="first (branch)")).to_be_visible()
    expect(panel.thread.get_by_role("article", name="You")).to_have_count(1)
    expect(panel.thread.get_by_role("region", name="Answer")).to_have_count(0)


def test_each_notebook_has_its_thread_and_a_cell_goes_on_with_it(panel: PanelPage) -> None:
    panel.lab.write("other.ipynb", ["%load_ext jupyter_assistants", "%%assistant --yes\nrun 6 * 7"])
    panel.open("other.ipynb")
    panel.new_thread()
    panel.send("from the panel")
    panel.wait_over()
    panel.run(0)
    panel.run(1, timeout=60)
    expect(panel.output(1)).to_contain_text("42")
    mine = panel.thread.get_by_role("article", name="You")
    expect(mine).to_have_count(2)
    expect(mine.last).to_contain_text("run 6 * 7")
    expect(panel.answer).to_contain_text("Ran Python")
    expect(panel.answer).to_contain_text("42")
    panel.screenshot("panel-and-cell")
    panel.open("work.ipynb")
    expect(panel.panel.get_by_text("Runs in work.ipynb")).to_be_visible()
    expect(panel.thread.get_by_text("from the panel")).to_have_count(0)
    panel.open("other.ipynb")
    expect(panel.thread.get_by_role("article", name="You").first).to_contain_text("from the panel")


def test_a_thread_that_a_cell_begins_opens_in_the_panel(panel: PanelPage) -> None:
    panel.lab.write(
        "cell.ipynb", ["%load_ext jupyter_assistants", "%%assistant\nslow", "%%assistant\nhello"]
    )
    panel.open("cell.ipynb")
    panel.run(0)
    panel.start(1)
    expect(panel.answer).to_contain_text("word5", timeout=30_000)
    panel.stop()
    panel.wait_cell(1)
    panel.wait_over()
    panel.run(2, timeout=60)
    expect(panel.answer).to_contain_text("You said: hello")


# Where the first message that is seen stands, once nothing moves any more.
PLACE = """async node => {
  const place = () => {
    const top = node.getBoundingClientRect().top;
    const seen = [...node.querySelectorAll('[data-message-id]')]
      .find(each => each.getBoundingClientRect().bottom > top + 10);
    return [seen.dataset.messageId, seen.getBoundingClientRect().top - top];
  };
  let [last, same] = ['', 0];
  while (same < 20) {
    await new Promise(requestAnimationFrame);
    const now = JSON.stringify(place());
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return JSON.parse(last);
}"""
OFFSET = """(node, id) => node.querySelector(`[data-message-id="${id}"]`).getBoundingClientRect().top
  - node.getBoundingClientRect().top"""
EARLIER = """([node, count]) => node.querySelectorAll('[data-message-id]').length > count"""


@pytest.mark.parametrize("anchoring", ["", "none"])
def test_what_one_reads_stays_in_its_place_when_earlier_messages_come(
    panel: PanelPage, anchoring: str
) -> None:
    title = stored_thread(panel.lab, 160)
    panel.panel.get_by_role("button", name="Show all threads").click()
    panel.panel.get_by_role("button", name=title).first.click()
    messages = panel.thread.locator("[data-message-id]")
    expect(messages.last).to_contain_text("message 159")
    expect(messages.last).to_be_in_viewport()
    thread = panel.thread.element_handle()
    assert thread is not None
    # Not every browser holds the place by itself; "none" makes this one such a browser.
    thread.evaluate("(node, value) => { node.style.overflowAnchor = value; }", anchoring)
    held: list[Route] = []
    panel.page.route("**/transcript?*", lambda route: held.append(route))
    for top in ("node.clientHeight * 1.5", "0"):
        # The page comes when what is there is drawn, so that nothing else can move it.
        held.clear()
        count = messages.count()
        thread.evaluate(f"node => {{ node.scrollTop = {top}; }}")
        place = thread.evaluate(PLACE)
        assert len(held) == 1
        held[0].continue_()
        panel.page.wait_for_function(EARLIER, arg=[thread, count])
        thread.evaluate(PLACE)
        now = thread.evaluate(OFFSET, place[0])
        assert abs(now - place[1]) < 4, f"{anchoring}, {top}: it moved from {place[1]} to {now}"
    panel.page.unroute("**/transcript?*")


def test_a_copy_shows_the_steps_of_its_answers(panel: PanelPage) -> None:
    panel.send("run print('kept' + ' output')")
    panel.approve()
    panel.wait_over()
    panel.send("go on")
    panel.wait_over()
    mine = panel.thread.get_by_role("article", name="You").last
    mine.get_by_role("button", name="Edit and resend in a branch").click()
    mine.get_by_role("textbox", name="Edit your message").fill("go on otherwise")
    mine.get_by_role("button", name="Send").click()
    expect(panel.answer).to_contain_text("You said: go on otherwise")
    panel.wait_over()
    first = panel.thread.get_by_role("region", name="Answer").first
    expect(first).to_contain_text("Ran Python")
    expect(first.locator(".jp-Assistants-outputs")).to_contain_text("kept output")
    expect(first).to_have_attribute("data-status", "completed")
    panel.screenshot("panel-copy")


def test_a_message_of_a_program_appears_changes_and_goes_without_a_run(panel: PanelPage) -> None:
    panel.send("hello")
    panel.wait_over()
    path = f"/threads/{panel.newest_thread()}/messages"
    made = panel.ask("POST", path, {"role": "user", "content": "by the way"})
    mine = panel.thread.get_by_role("article", name="You")
    expect(mine.last).to_contain_text("by the way")
    content = [{"type": "text", "text": "by another way"}]
    panel.ask("POST", f"{path}/{made['id']}", {"content": content})
    expect(mine.last).to_contain_text("by another way")
    panel.ask("DELETE", f"{path}/{made['id']}")
    expect(mine).to_have_count(1)
