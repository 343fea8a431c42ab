"""Approval and Stop by hand, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.browser import expect
from support.lab import Lab, LabPage, start_lab
from support.waiting import until

from jupyter_assistants.ipython.blocks import EMPTY_BUNDLE

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

SETUP = """
from pathlib import Path
from jupyter_assistants.ipython.approval import Approvals
from jupyter_assistants.ipython.code_runner import execute
from jupyter_assistants.ipython.stop import interruptible

async def step(code):
    with interruptible():
        decision = await Approvals(get_ipython()).decide(code, thread_id="thread_1")
        if not decision.approved:
            return decision.reason
        outcome = await execute(get_ipython(), decision.code or code, decision=decision, folder=Path.cwd(),
                                on_output=lambda output: None)
        return outcome["status"], [o.get("text") for o in outcome["outputs"]]
"""
CODE = """import pandas as pd

sales = pd.DataFrame({"city": ["Graz", "Linz", "Wien"], "sold": [12, 7, 31]})
best = sales.sort_values("sold").iloc[-1]
print(f"Most were sold in {best.city}: {best.sold}")
"""
SHORT = 'await step("print(6 * 7)")'
WRITES = "await step(\"open('made.txt', 'w')\")"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as started:
        started.write("ask.ipynb", [SETUP, f"await step({CODE!r})", SHORT, SHORT, WRITES])
        started.write(
            "stop.ipynb",
            [
                SETUP,
                "await step(\"open('begun', 'w').close(); import threading; threading.Event().wait()\")",
                SHORT,
            ],
        )
        yield started


def button(notebook: LabPage, cell: int, name: str) -> Locator:
    return notebook.output(cell).get_by_role("button", name=name, exact=True)


def test_code_is_approved_and_rejected_by_mouse_and_by_keyboard(notebook: LabPage) -> None:
    notebook.open("ask.ipynb")
    notebook.run(0)

    notebook.start(1)
    expect(button(notebook, 1, "Run")).to_be_visible()
    notebook.screenshot("approval-asking")
    button(notebook, 1, "Run").click()
    notebook.wait_cell(1)
    expect(notebook.output(1)).to_contain_text("Most were sold in Wien: 31")
    expect(notebook.output(1)).to_contain_text("Approved")
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)

    notebook.start(2)
    notebook.output(2).get_by_label("Reason").fill("use numpy")
    notebook.screenshot("approval-rejecting")
    button(notebook, 2, "Reject").click()
    notebook.wait_cell(2)
    expect(notebook.output(2)).to_contain_text("Rejected: use numpy")
    notebook.screenshot("approval-decided")

    approve_by_keyboard(notebook, 3)
    edit_by_keyboard(notebook, 4)
    notebook.save()
    saved = notebook.lab.read("ask.ipynb").cells[1].outputs
    assert [o.output_type for o in saved] == ["display_data", "display_data", "execute_result"]
    assert saved[0]["data"] == {"text/markdown": "*Approved*", "text/plain": "Approved"}
    assert saved[1]["data"] == EMPTY_BUNDLE


def approve_by_keyboard(notebook: LabPage, cell: int) -> None:
    notebook.start(cell)
    run = button(notebook, cell, "Run")
    expect(run).to_be_visible()
    order = []
    notebook.page.keyboard.press("Escape")
    for _ in range(12):
        notebook.page.keyboard.press("Tab")
        focused = notebook.page.evaluate(
            "(document.activeElement.textContent || document.activeElement.placeholder || '').trim()"
        )
        order.append(focused)
        if focused == "Reject":
            break
    assert order[-5:] == [
        "Run",
        "Always in this thread",
        "Edit",
        "Reason, if you reject (optional)",
        "Reject",
    ], order
    for _ in range(4):
        notebook.page.keyboard.press("Shift+Tab")
    expect(run).to_be_focused()
    notebook.screenshot("approval-keyboard")
    notebook.page.keyboard.press("Enter")
    notebook.wait_cell(cell)
    expect(notebook.output(cell)).to_contain_text("42")


def edit_by_keyboard(notebook: LabPage, cell: int) -> None:
    notebook.start(cell)
    expect(notebook.output(cell)).to_contain_text("no promise: writes files (line 1)")
    button(notebook, cell, "Edit").focus()
    notebook.page.keyboard.press("Enter")
    box = notebook.output(cell).get_by_label("Code to run")
    expect(box).to_be_focused()
    box.fill("print(6 * 8)")
    notebook.screenshot("approval-editing")
    notebook.page.keyboard.press("Tab")
    expect(button(notebook, cell, "Run edited code")).to_be_focused()
    notebook.page.keyboard.press("Enter")
    notebook.wait_cell(cell)
    expect(notebook.output(cell)).to_contain_text("Approved after editing")
    expect(notebook.output(cell)).to_contain_text("48")


def test_stop_ends_a_question_and_running_code(notebook: LabPage) -> None:
    notebook.open("stop.ipynb")
    notebook.run(0)

    notebook.start(1)
    button(notebook, 1, "Run").click()
    expect(notebook.output(1)).to_contain_text("Approved")
    until((notebook.lab.root / "begun").exists)
    stopped(notebook, 1, "'interrupted'")

    notebook.start(2)
    expect(button(notebook, 2, "Run")).to_be_visible()
    stopped(notebook, 2, "Not run: stopped before it was approved")
    notebook.screenshot("approval-stopped")


def stopped(notebook: LabPage, cell: int, text: str) -> None:
    notebook.stop()
    expect(notebook.output(cell)).to_contain_text(text)
    notebook.wait_cell(cell)
