"""Code that waits for a decision in the panel."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.axe import PANEL, violations
from support.browser import expect
from support.panel_page import FRAMES, PanelPage
from support.upstream import Upstream

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser


def run_button(panel: PanelPage) -> Locator:
    return panel.approval.get_by_role("button", name="Run", exact=True)


def test_the_focus_goes_to_the_form_and_enter_runs(panel: PanelPage) -> None:
    panel.send("run open('x.txt', 'w').write('x')\nprint('done')")
    expect(run_button(panel)).to_be_focused()
    expect(panel.approval).to_contain_text("writes files (line 1)")
    # The hint stands at its line, too, and the code of the step is folded meanwhile.
    expect(panel.code_to_approve.locator(".jp-Assistants-lineNote")).to_have_text("writes files")
    expect(panel.answer.locator(".jp-Assistants-callCode")).not_to_have_attribute("open", "")
    panel.screenshot("panel-approval-hints")
    # Keys that come at once were meant for something else.
    expect(panel.approval).to_have_attribute("data-armed", "true")
    panel.page.keyboard.press("Enter")
    panel.wait_over()
    expect(panel.answer).to_contain_text("done")
    expect(panel.approval).to_have_count(0)


def test_edited_code_runs_and_the_model_is_told_which(panel: PanelPage, upstream: Upstream) -> None:
    panel.send("run print('theirs')")
    panel.code_to_approve.fill("print('mine')")
    panel.approval.get_by_role("button", name="Run edited").click()
    panel.wait_over()
    expect(panel.answer).to_contain_text("The code gave: ")
    expect(panel.answer).to_contain_text("mine")
    assert "mine" in str(upstream.body["messages"][-1])


def test_characters_that_turn_text_around_stand_by_their_number_and_run_as_they_are(
    panel: PanelPage,
) -> None:
    panel.send("run print(len('a\u202eb'))")
    expect(panel.code_to_approve).to_contain_text("print(len('a⟨U+202E⟩b'))")
    expect(panel.approval.get_by_role("alert")).to_contain_text("⟨U+202E⟩ on line 1")
    panel.approve()
    panel.wait_over()
    expect(panel.answer).to_contain_text("The code gave: 3")


def test_escape_rejects_and_nothing_runs(panel: PanelPage) -> None:
    panel.send("run print('never ' + 'ran')")
    expect(run_button(panel)).to_be_focused()
    panel.page.keyboard.press("Escape")
    panel.wait_over()
    expect(panel.answer).to_contain_text("Rejected")
    expect(panel.answer).not_to_contain_text("never ran")


def test_the_reason_of_a_rejection_reaches_the_model(panel: PanelPage, upstream: Upstream) -> None:
    panel.send("run print('no')")
    panel.reject("use the other table")
    panel.wait_over()
    assert "use the other table" in str(upstream.body["messages"][-1])


def test_always_holds_for_the_thread_and_not_for_the_next(panel: PanelPage) -> None:
    panel.send("run print(1 + 1)")
    panel.approve_always()
    panel.wait_over()
    panel.send("run print(2 + 1)")
    panel.wait_over()
    expect(panel.answer).to_contain_text("3")
    panel.new_thread()
    panel.send("run print(2 + 2)")
    expect(panel.approval).to_be_visible()
    panel.page.keyboard.press("Escape")
    panel.wait_over()


# -- all of the code is seen before it runs --------------------------------------------------------


def test_the_form_is_in_view_wherever_one_reads_and_no_higher_than_the_panel(
    panel: PanelPage,
) -> None:
    panel.page.set_viewport_size({"width": 1280, "height": 720})
    panel.send("run " + "\n".join(f"print({number})" for number in range(100)))
    expect(panel.approval.get_by_role("button", name="Reject…")).to_be_in_viewport(ratio=1)
    panel.thread.evaluate("node => node.scrollTo(0, 0)")
    expect(run_button(panel)).to_be_in_viewport(ratio=1)
    expect(panel.composer).to_be_in_viewport(ratio=1)
    box, whole = panel.code_to_approve.bounding_box(), panel.panel.bounding_box()
    editor = panel.approval.locator(".cm-editor").bounding_box()
    assert box and whole and editor
    assert editor["height"] <= 0.6 * whole["height"] + 1 < box["height"]
    panel.screenshot("panel-approval-long")
    panel.page.keyboard.press("Escape")
    panel.wait_over()


def test_nothing_runs_before_its_last_line_was_in_view(panel: PanelPage) -> None:
    code = "\n".join(f"print({number})" for number in range(80)) + "\nprint('the ' + 'end')"
    panel.send(f"run {code}")
    more = panel.approval.get_by_role("button", name=re.compile("more lines"))
    expect(more).to_be_focused()
    expect(run_button(panel)).to_be_disabled()
    run_button(panel).click(force=True)
    more.focus()
    expect(panel.answer).to_have_attribute("data-status", "requires_action")
    # The keyboard alone reads on, and then has Run at hand.
    for _ in range(20):
        if more.count() == 0:
            break
        panel.page.keyboard.press("Enter")
        panel.page.evaluate(FRAMES)
    expect(run_button(panel)).to_be_focused()
    expect(panel.approval).to_have_attribute("data-armed", "true")
    panel.page.keyboard.press("Enter")
    panel.wait_over()
    expect(panel.answer).to_contain_text("the end")


def test_a_line_that_is_cut_is_wrapped_and_runs_without_scrolling(panel: PanelPage) -> None:
    panel.send(f"run print('far ' + 'right', {', '.join(map(str, range(30)))})")
    wrap = panel.approval.get_by_role("button", name="Wrap lines")
    expect(wrap).to_have_attribute("aria-pressed", "true")
    panel.screenshot("panel-approval-wrapped")
    expect(run_button(panel)).to_be_focused()
    panel.approve()
    panel.wait_over()
    expect(panel.answer).to_contain_text("far right")


def test_a_line_that_is_not_wrapped_runs_once_its_end_was_in_view(panel: PanelPage) -> None:
    panel.send(f"run x = 1{' ' * 3000}; print('far ' + 'right')")
    expect(run_button(panel)).to_be_disabled()
    panel.approval.get_by_role("button", name="Wrap lines").click()
    on = panel.approval.get_by_role("button", name="1 line goes on →")
    expect(run_button(panel)).to_be_disabled()
    panel.screenshot("panel-approval-right")
    for _ in range(200):
        if on.count() == 0:
            break
        on.focus()
        panel.page.keyboard.press("Enter")
        panel.page.evaluate(FRAMES)
    panel.approve()
    panel.wait_over()
    expect(panel.answer).to_contain_text("far right")


# -- functions -----------------------------------------------------------------------------------

ATTACK = "<img src=x onerror='window.hit = 1'>\u202e[x](http://evil.example)"


def wait_for_functions(panel: PanelPage, *calls: dict[str, Any]) -> Locator:
    """Let a run of an assistant with functions wait in the open thread; gives its form."""
    names = sorted({call["name"] for call in calls})
    tools: list[dict[str, Any]] = [
        {"type": "function", "function": {"name": name}} for name in names
    ]
    tools.append({"type": "code_interpreter"})
    assistant = panel.ask("POST", "/assistants", {"model": "default", "tools": tools})["id"]
    panel.send("hello")
    panel.wait_over()
    path = f"/threads/{panel.newest_thread()}"
    text = f"functions {json.dumps(calls)}"
    panel.ask("POST", f"{path}/messages", {"role": "user", "content": text})
    panel.ask("POST", f"{path}/runs", {"assistant_id": assistant})
    form = panel.thread.get_by_role("form", name="Functions waiting for their outputs")
    expect(form).to_be_visible()
    return form


def test_outputs_of_functions_are_given_in_the_panel_also_after_a_reload(
    panel: PanelPage, upstream: Upstream
) -> None:
    form = wait_for_functions(
        panel,
        {"name": "look_up", "arguments": {"city": "Oslo", "note": ATTACK}},
        {"name": "look_down", "arguments": {}},
    )
    panel.page.reload()
    expect(form.get_by_role("group", name="Arguments of look_up")).to_contain_text('"city": "Oslo"')
    expect(panel.answer.get_by_text("Function look_up", exact=True)).to_be_visible()
    # What a model writes stays text, and what turns text around is named.
    expect(form).to_contain_text("<img src=x onerror='window.hit = 1'>⟨U+202E⟩[x](http://evil")
    assert form.locator("img, a").count() == 0 and panel.page.evaluate("window.hit") is None
    form.get_by_role("button", name="Copy the arguments of look_up").click()
    copied = panel.page.evaluate("navigator.clipboard.readText()")
    assert json.loads(copied)["note"] == ATTACK
    form.get_by_role("textbox", name="Output of look_up").fill("-3")
    panel.screenshot("panel-functions")
    assert violations(panel.page, PANEL) == []
    down = form.get_by_role("textbox", name="Output of look_down")
    down.fill('{"depth": 7}')
    down.press("Control+Enter")
    panel.wait_over()
    expect(panel.answer).to_contain_text('They gave: -3, {"depth": 7}')
    expect(form).to_have_count(0)
    expect(panel.composer).to_be_focused()
    assert upstream.body["messages"][-1]["content"] == '{"depth": 7}'


def test_a_run_that_waits_for_a_function_is_cancelled_in_its_form(panel: PanelPage) -> None:
    form = wait_for_functions(panel, {"name": "look_up", "arguments": {}})
    form.get_by_role("button", name="Cancel run").click()
    expect(panel.answer).to_have_attribute("data-status", "cancelled")
    expect(form).to_have_count(0)


def test_code_and_a_function_of_one_turn_are_answered_one_after_the_other(
    panel: PanelPage,
) -> None:
    code = {"name": "run_python", "arguments": {"code": "print(6 * 7)"}}
    form = wait_for_functions(panel, code, {"name": "look_up", "arguments": {}})
    panel.approve()
    expect(run_button(panel)).to_be_disabled()
    form.get_by_role("textbox", name="Output of look_up").fill("-3")
    form.get_by_role("button", name="Submit outputs").click()
    panel.wait_over()
    expect(panel.answer).to_contain_text(re.compile("They gave: 42.*-3", re.DOTALL))
