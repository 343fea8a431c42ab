"""Code that waits for a decision in the panel."""

from __future__ import annotations

import pytest
from panel_page import PanelPage
from playwright.sync_api import Locator, expect
from upstream import Upstream

pytestmark = pytest.mark.browser


def card(panel: PanelPage) -> Locator:
    return panel.answer.get_by_role("group", name="Code that waits for your approval")


def test_the_focus_goes_to_the_card_and_enter_runs(panel: PanelPage) -> None:
    panel.send("run open('x.txt', 'w').write('x')\nprint('done')")
    expect(card(panel).get_by_role("button", name="Run", exact=True)).to_be_focused()
    expect(card(panel)).to_contain_text("writes files")
    panel.screenshot("panel-approval-hints")
    # Keys that come at once were meant for something else.
    panel.page.wait_for_timeout(1500)
    panel.page.keyboard.press("Enter")
    panel.wait_over()
    expect(panel.answer).to_contain_text("done")
    expect(card(panel)).to_have_count(0)


def test_edited_code_runs_and_the_model_is_told_which(panel: PanelPage, upstream: Upstream) -> None:
    panel.send("run print('theirs')")
    card(panel).get_by_role("textbox", name="Code", exact=True).fill("print('mine')")
    card(panel).get_by_role("button", name="Run edited").click()
    panel.wait_over()
    expect(panel.answer).to_contain_text("The code gave: ")
    expect(panel.answer).to_contain_text("mine")
    assert "mine" in str(upstream.body["messages"][-1])


def test_characters_that_turn_text_around_stand_by_their_number_and_run_as_they_are(
    panel: PanelPage,
) -> None:
    panel.send("run print(len('a\u202eb'))")
    code = card(panel).get_by_role("textbox", name="Code", exact=True)
    expect(code).to_have_value("print(len('a⟨U+202E⟩b'))")
    expect(card(panel).get_by_role("alert")).to_contain_text("⟨U+202E⟩ in line 1")
    card(panel).get_by_role("button", name="Run", exact=True).click()
    panel.wait_over()
    expect(panel.answer).to_contain_text("The code gave: 3")


def test_escape_rejects_and_nothing_runs(panel: PanelPage) -> None:
    panel.send("run print('never ' + 'ran')")
    expect(card(panel).get_by_role("button", name="Run", exact=True)).to_be_focused()
    panel.page.keyboard.press("Escape")
    panel.wait_over()
    expect(panel.answer).to_contain_text("Rejected")
    expect(panel.answer).not_to_contain_text("never ran")


def test_the_reason_of_a_rejection_reaches_the_model(panel: PanelPage, upstream: Upstream) -> None:
    panel.send("run print('no')")
    card(panel).get_by_role("textbox", name="Reason").fill("use the other table")
    card(panel).get_by_role("button", name="Reject").click()
    panel.wait_over()
    assert "use the other table" in str(upstream.body["messages"][-1])


def test_always_holds_for_the_thread_and_not_for_the_next(panel: PanelPage) -> None:
    panel.send("run print(1 + 1)")
    card(panel).get_by_role("button", name="Always in this thread").click()
    panel.wait_over()
    panel.send("run print(2 + 1)")
    panel.wait_over()
    expect(panel.answer).to_contain_text("3")
    panel.new_thread()
    panel.send("run print(2 + 2)")
    expect(card(panel)).to_be_visible()
    panel.page.keyboard.press("Escape")
    panel.wait_over()
