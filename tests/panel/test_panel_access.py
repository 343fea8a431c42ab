"""The panel without a mouse, without eyes, and with little contrast."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.axe import DIALOG, PANEL, violations, wrong
from support.browser import expect
from support.lab import Lab
from support.panel_page import PanelPage, import_thread, panel_lab, panel_page
from support.upstream import Reply, Upstream, refused, streamed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ANSWER = """## Heading

Some **bold** words, `code`, $x^2$ and [a link](https://example.org/a).

| a | b |
|---|---|
| 1 | 2 |

```python
for each in range(3):
    print("text", each)  # a comment
```

- one
- two

> a quotation

![a plot](https://example.org/plot.png)
"""
CODE = """import sys
from IPython.display import HTML, Markdown, SVG, display
import pandas as pd
print("\\x1b[31mred\\x1b[0m \\x1b[32mgreen\\x1b[0m \\x1b[1;34mblue\\x1b[0m https://example.org")
print("a warning", file=sys.stderr)
display(pd.DataFrame({"a": [1, 2], "b": [3.5, 4.5]}))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="9"><rect width="30" height="9"/></svg>'))
open("result.csv", "w").write("a,b\\n1,2\\n")
1 / 0
"""


class Model:
    """Answers by what was asked: text, code, an error; or begins and waits."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def reply(self, body: dict[str, Any]) -> Reply:
        """Choose by the last message."""
        last = body["messages"][-1]
        # What the panel tells of the notebook stands beside what was asked.
        said = str(last["content"])
        if last["role"] == "user" and "please-run" in said:
            return _code(CODE)
        if last["role"] == "user" and "please-save" in said:
            return _code("open('saved.csv', 'w').write('a,b\\n1,2\\n')")
        if last["role"] == "user" and "please-ask" in said:
            return _code("input('Your name?')")
        if "please-fail" in said:
            return refused(400, "The prompt is too long for this model.")
        if "please-wait" in said:
            return streamed({"content": "It begins. "}, self.gate, {"content": "It ends."})
        return streamed({"content": ANSWER})


def _code(code: str) -> Reply:
    call = {"name": "run_python", "arguments": json.dumps({"code": code})}
    wanted = {"index": 0, "id": "call_1", "type": "function", "function": call}
    return streamed({"tool_calls": [wanted]}, finish="tool_calls")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[Lab]:
    with Upstream(choose=model.reply) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "plain",
        }
        with panel_lab(tmp_path_factory.mktemp("access"), environ=environ) as started:
            started.write("access.ipynb", ["1"])
            yield started


@pytest.fixture(scope="module")
def opened(lab: Lab) -> Iterator[PanelPage]:
    with panel_page(lab) as page:
        page.open("access.ipynb")
        yield page


@pytest.fixture
def panel(opened: PanelPage) -> PanelPage:
    opened.new_thread()
    return opened


def test_axe_sees_the_text_of_the_panel_and_finds_faint_text_there(panel: PanelPage) -> None:
    faint = panel.panel.get_by_role("heading", name="New thread")
    faint.evaluate("node => { node.style.color = 'rgba(128, 128, 128, 0.5)'; }")
    (found,) = violations(panel.page, PANEL, colours_only=True)
    faint.evaluate("node => { node.style.color = ''; }")
    assert found.startswith("color-contrast: <h2")


def test_axe_finds_no_violation_in_any_state_and_theme(panel: PanelPage, model: Model) -> None:
    found = wrong(panel, "empty")
    panel.send("write")
    panel.wait_over()
    panel.send("please-run")
    panel.code_to_approve.press_sequentially("# edited\u202e\n")
    expect(panel.approval.get_by_role("button", name="Run edited")).to_be_visible()
    found += wrong(panel, "approval")
    panel.approve_always()
    panel.wait_over()
    panel.answer.locator("summary").first.click()
    found += wrong(panel, "steps")
    panel.send("please-ask")
    expect(panel.answer.get_by_role("textbox", name="Your name?")).to_be_visible()
    found += wrong(panel, "input")
    panel.answer.get_by_role("textbox", name="Your name?").press("Enter")
    panel.wait_over()
    model.gate.clear()
    panel.send("please-wait")
    expect(panel.answer).to_contain_text("It begins.")
    found += wrong(panel, "streaming")
    model.gate.set()
    panel.wait_over()
    panel.send("please-fail")
    panel.wait_over()
    expect(panel.answer.get_by_role("alert")).to_contain_text("too long")
    found += wrong(panel, "error")
    panel.panel.get_by_role("button", name="Show all threads").click()
    expect(panel.panel.get_by_role("list", name="Threads")).to_be_visible()
    found += wrong(panel, "threads")
    assert found == [], "\n\n".join(found)


def test_axe_finds_no_violation_in_any_dialog_and_menu(panel: PanelPage) -> None:
    panel.send("write")
    panel.wait_over()
    dialog = panel.page.locator(DIALOG)
    panel.answer.get_by_role("button", name="Apply to the selected cell").click()
    expect(dialog).to_contain_text("Apply to the selected cell?")
    found = wrong(panel, "dialog-apply", DIALOG)
    panel.page.keyboard.press("Escape")
    panel.answer.get_by_role("button", name="What is sent").click()
    expect(dialog).to_contain_text("Instructions")
    found += wrong(panel, "dialog-sent", DIALOG)
    panel.page.keyboard.press("Escape")
    for item, state in (("Rename …", "dialog-rename"), ("Delete …", "dialog-delete")):
        panel.panel.get_by_role("button", name="More actions for ").first.click()
        menu = panel.page.locator(".lm-Menu").last
        if state == "dialog-rename":
            found += wrong(panel, "menu-thread", ".lm-Menu")
        menu.get_by_role("menuitem", name=item).click()
        expect(dialog).to_be_visible()
        found += wrong(panel, state, DIALOG)
        panel.page.keyboard.press("Escape")
    assert found == [], "\n\n".join(found)


def test_our_page_of_settings_wants_nothing_but_the_labels_that_jupyterlab_leaves_out(
    panel: PanelPage,
) -> None:
    panel.page.evaluate(
        "window.jupyterapp.commands.execute('settingeditor:open', {query: 'Assistant'})"
    )
    fields = panel.page.locator(".jp-SettingsPanel")
    expect(fields.get_by_text("How often a second an answer is drawn")).to_be_visible()
    found = wrong(panel, "settings", ".jp-SettingsPanel")
    panel.page.locator(".lm-TabBar-tab").filter(has_text="access.ipynb").first.click()
    # JupyterLab's editor of settings ties no label to its fields, of no extension.
    theirs = (": label: ", ": label-title-only: ", ": select-name: ")
    assert [each for each in found if not any(rule in each for rule in theirs)] == []


def test_every_control_can_be_reached_by_tab_and_shows_that_it_has_the_focus(
    panel: PanelPage,
) -> None:
    panel.send("please-run")
    expect(panel.approval.get_by_role("button", name="Run", exact=True)).to_be_focused()
    controls = panel.panel.locator(
        "button:visible:enabled, input:visible:enabled, textarea:visible:enabled, "
        "select:visible:enabled, summary:visible, a[href]:visible"
    )
    wanted = set(controls.evaluate_all("all => all.map((each, at) => (each._at = at, at))"))
    panel.panel.get_by_role("button").first.focus()
    reached, unmarked = set(), []
    for _ in range(len(wanted) + 10):
        found = panel.page.evaluate(
            """() => {
              const each = document.activeElement, style = getComputedStyle(each);
              const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
              return {at: each._at ?? -1, marked, html: each.outerHTML.slice(0, 120)};
            }"""
        )
        reached.add(found["at"])
        if found["at"] >= 0 and not found["marked"]:
            unmarked.append(found["html"])
        panel.page.keyboard.press("Tab")
    assert wanted - reached == set()
    # The first one has the focus by script, which browsers do not mark.
    assert unmarked[1:] == []
    panel.reject()
    panel.wait_over()


# Notes each time that the focus is nowhere for more than a moment.
WATCH_FOCUS = """() => {
  window.lost = [];
  // A key that is pressed while nothing has the focus goes nowhere.
  document.addEventListener('keydown', event => {
    if (document.activeElement === document.body) lost.push(event.key);
  }, true);
}"""


def test_the_whole_job_needs_no_mouse_and_the_focus_is_never_lost(panel: PanelPage) -> None:
    keyboard = panel.page.keyboard
    panel.page.evaluate(WATCH_FOCUS)
    panel.cell(0).locator(".cm-content").focus()
    # In the editor of a cell this key selects everything.
    keyboard.press("Escape")
    keyboard.press("Control+Shift+a")
    expect(panel.composer).to_be_focused()
    keyboard.type("please-save")
    keyboard.press("Enter")
    run = panel.approval.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_focused()
    keyboard.press("Escape")
    panel.wait_over()
    expect(panel.answer).to_contain_text("Rejected")
    # The focus does not get lost with the card: the next thing can be typed.
    expect(panel.composer).to_be_focused()
    keyboard.type("please-save once more")
    keyboard.press("Enter")
    expect(run).to_be_focused()
    # Keys that come at once were meant for something else.
    card = panel.approval
    expect(card).to_have_attribute("data-armed", "true")
    keyboard.press("Enter")
    expect(panel.composer).to_be_focused()
    panel.wait_over()
    download = panel.answer.get_by_role("button", name="Download saved.csv").first
    expect(download).to_be_visible()
    for _ in range(60):
        keyboard.press("Shift+Tab")
        if download.evaluate("node => node === document.activeElement"):
            break
    expect(download).to_be_focused()
    with panel.page.expect_download() as saved:
        keyboard.press("Enter")
    assert saved.value.suggested_filename == "saved.csv"
    expect(download).to_be_focused()
    keyboard.press("Control+Shift+a")
    expect(panel.page.locator(".jp-Notebook :focus, .jp-Notebook:focus")).to_have_count(1)
    assert panel.page.evaluate("window.lost") == []


def test_a_screen_reader_hears_states_and_whole_answers_but_no_single_tokens(
    panel: PanelPage, model: Model
) -> None:
    panel.page.evaluate(
        """() => {
          window.heard = [];
          const panel = document.querySelector('#jupyter-assistants-panel');
          new MutationObserver(() => {
            for (const each of panel.querySelectorAll('[aria-live=polite]')) {
              const text = each.textContent.trim();
              if (text && heard.at(-1) !== text) heard.push(text);
            }
          }).observe(panel, {subtree: true, childList: true, characterData: true});
        }"""
    )
    model.gate.clear()
    panel.send("please-wait")
    expect(panel.answer).to_contain_text("It begins.")
    model.gate.set()
    panel.wait_over()
    panel.page.wait_for_function("window.heard.some(each => each.includes('It ends.'))")
    heard = panel.page.evaluate("window.heard")
    assert any("Working" in each for each in heard)
    assert heard[-1] == "It begins. It ends."
    assert not any(each.startswith("It begins.") for each in heard[:-1])
    # What grows is no live region by itself.
    expect(panel.thread).to_have_attribute("aria-live", "off")


def test_nothing_moves_for_people_who_do_not_want_it(panel: PanelPage, model: Model) -> None:
    panel.page.emulate_media(reduced_motion="reduce")
    model.gate.clear()
    panel.send("please-wait")
    expect(panel.answer).to_contain_text("It begins.")
    moving = panel.panel.evaluate(
        """root => root.getAnimations({subtree: true})
          .filter(each => each.effect.getComputedTiming().activeDuration > 1)
          .map(each => each.effect.target.outerHTML.slice(0, 100))"""
    )
    model.gate.set()
    panel.wait_over()
    assert moving == []


def test_a_long_thread_opens_at_its_end_and_can_be_read_to_its_beginning(
    panel: PanelPage, lab: Lab
) -> None:
    title = import_thread(lab, 160)
    panel.panel.get_by_role("button", name="Show all threads").click()
    panel.panel.get_by_role("button", name=title).first.click()
    articles = panel.thread.locator("[data-message-id]")
    expect(articles.last).to_contain_text("message 159")
    expect(articles.last).to_be_in_viewport()
    assert articles.count() < 60
    first = articles.first
    while (count := articles.count()) < 160:
        panel.thread.evaluate("node => { node.scrollTop = 0; }")
        panel.page.wait_for_function(
            "count => document.querySelectorAll('[data-message-id]').length > count", arg=count
        )
    panel.thread.evaluate("node => { node.scrollTop = 0; }")
    expect(first).to_contain_text("message 0")
    expect(first).to_be_in_viewport()
    # All of it is in the page, for who searches in it and for who listens to it.
    expect(panel.thread).to_contain_text("message 77")
