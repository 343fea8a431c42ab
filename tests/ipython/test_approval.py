"""Asking before code runs, in a real kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipykernel._version import version_info
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from support.kernel_session import KernelSession, Message, Ran, kernel_session

from jupyter_assistants.ipython.blocks import EMPTY_BUNDLE

pytestmark = pytest.mark.slow

SETUP = """
import json
from jupyter_assistants.ipython.approval import Approvals, fingerprint
from jupyter_assistants.ipython.stop import interruptible

approvals = Approvals(get_ipython())

async def ask(code="print('hello')", thread_id="thread_1", **options):
    with interruptible():
        decision = await approvals.decide(code, thread_id=thread_id, **options)
    assert decision.sha256 == fingerprint(decision.code or code)
    print(json.dumps([decision.approved, decision.reason, decision.always, decision.covers(code)]
                     + [decision.code] * bool(decision.code)))
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with kernel_session(tmp_path_factory.mktemp("kernel")) as session:
        assert session.run(SETUP).status == "ok"
        yield session


@pytest.mark.parametrize(
    ("answers", "decision", "line"),
    [
        (["y"], [True, "", False, True], "Approved"),
        (["what?", "", "YES"], [True, "", False, True], "Approved"),
        (["n"], [False, "", False, False], "Rejected"),
        (["no  use pandas *please*"], [False, "use pandas *please*", False, False], None),
    ],
)
def test_a_console_is_asked_on_one_line(
    kernel: KernelSession, answers: list[str], decision: list[Any], line: str | None
) -> None:
    ran = kernel.run("await ask()", answers=answers)
    assert ran.json == decision
    assert ran.saved() == [line or "Rejected: use pandas *please*"]


def test_the_code_is_shown_while_asking_with_the_place_and_a_hint(kernel: KernelSession) -> None:
    code = "x = '''\n```\n'''\nprint(x)"
    ran = kernel.run(f"await ask({code!r}, explain='To count *rows*.')", answers=["y"])
    shown = ran.of_messages("display_data")[0]["data"]
    assert f"````python\n{code}\n````" in shown["text/markdown"]
    assert "To count \\*rows\\*." in shown["text/markdown"]
    assert "this Python 3" in shown["text/plain"] and "in the folder /" in shown["text/plain"]
    assert "can be influenced by the contents of files" in shown["text/plain"]


def test_invisible_characters_are_named(kernel: KernelSession) -> None:
    ran = kernel.run("await ask('x = 1 # \\u202e')", answers=["y"])
    assert (
        "invisible characters (U+202E)" in ran.of_messages("display_data")[0]["data"]["text/plain"]
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("# fine\rimport os", "# fine⟨U+000D⟩import os"),
        ("#\u2028!ls", "#⟨U+2028⟩!ls"),
        ("# \x1b[8mdel x\x1b[0m", "# ⟨U+001B⟩[8mdel x⟨U+001B⟩[0m"),
        ("#\x1b]0;\ndel x\n#\x07", "#⟨U+001B⟩]0;\ndel x\n#⟨U+0007⟩"),
    ],
)
def test_every_character_that_runs_is_shown(kernel: KernelSession, code: str, shown: str) -> None:
    ran = kernel.run(f"await ask({code!r})", answers=["n"])
    question = ran.of_messages("display_data")[0]["data"]
    assert shown in question["text/plain"] and f"python\n{shown}\n" in question["text/markdown"]
    assert re.search(r"hidden characters \(lines? 1", question["text/plain"])


def test_always_holds_for_its_thread_only(kernel: KernelSession) -> None:
    assert kernel.run("await ask(thread_id='thread_2')", answers=["a"]).json[2] is True
    again = kernel.run("await ask('other', thread_id='thread_2')")
    assert again.json == [True, "", True, True] and again.saved() == []
    assert kernel.run("await ask(thread_id='thread_3')").status == "error"
    kernel.run("approvals.forget('thread_2')")
    assert kernel.run("await ask(thread_id='thread_2')").status == "error"


def test_always_is_not_offered_where_the_administrator_forbids_it(kernel: KernelSession) -> None:
    ran = kernel.run("await ask(thread_id='t4', may_always=False)", answers=["a", "y"])
    assert ran.json == [True, "", False, True]
    assert kernel.run("await ask(thread_id='t4')").status == "error"


def test_what_the_code_seems_to_do_stands_below_it(kernel: KernelSession) -> None:
    ran = kernel.run("await ask('import os\\nos.remove(\\'x\\')')", answers=["n"])
    shown = ran.of_messages("display_data")[0]["data"]["text/plain"]
    assert "no promise: deletes files (line 2)." in shown


def test_auto_does_not_ask(kernel: KernelSession) -> None:
    ran = kernel.run("await ask(policy='auto')")
    assert ran.json == [True, "", False, True] and ran.saved() == []


def test_without_a_person_the_error_names_the_option(kernel: KernelSession) -> None:
    ran = kernel.run("await ask()")
    assert ran.reply["ename"] == "ApprovalNeeded" and "%%assistant --yes" in ran.reply["evalue"]
    assert ran.of_messages("display_data") == []


@pytest.mark.slow
def test_a_headless_notebook_fails_and_does_not_hang(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, "await ask()")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(CellExecutionError, match="--yes"):
        NotebookClient(notebook, kernel_name="python3", timeout=20).execute(cwd=str(tmp_path))


buttons_work = pytest.mark.skipif(
    version_info < (7, 4), reason="older kernels ask on one line: clicks do not reach a busy cell"
)


def press(kernel: KernelSession, button: str, *, reason: str = "", edited: str = "") -> Ran:
    """Ask in a notebook's cell and click, as JupyterLab's widget manager does."""
    widgets: dict[str, str] = {}

    def on_message(message: Message) -> None:
        content = message["content"]
        if message["msg_type"] == "comm_open":
            state = content["data"]["state"]
            widgets[state.get("description", "")] = content["comm_id"]
        elif "application/vnd.jupyter.widget-view+json" in content.get("data", {}):
            if reason:
                update = {"method": "update", "state": {"value": reason}, "buffer_paths": []}
                send(kernel, widgets["Reason"], update)
            if edited:
                update = {"method": "update", "state": {"value": edited}, "buffer_paths": []}
                send(kernel, widgets["Code to run"], update)
            click = {"method": "custom", "content": {"event": "click"}}
            send(kernel, widgets[button], click)

    return kernel.run("await ask()", answers=[], cell_id="c1", on_message=on_message, timeout=10)


def send(kernel: KernelSession, comm_id: str, data: dict[str, Any]) -> None:
    message = kernel.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    kernel.client.shell_channel.send(message)


@buttons_work
@pytest.mark.parametrize(
    ("button", "reason", "decision", "line"),
    [
        ("Run", "", [True, "", False, True], "Approved"),
        ("Run", "never mind", [True, "", False, True], "Approved"),
        ("Reject", "", [False, "", False, False], "Rejected"),
        ("Reject", "too slow", [False, "too slow", False, False], "Rejected: too slow"),
    ],
)
def test_a_notebook_is_asked_with_buttons_that_vanish(
    kernel: KernelSession, button: str, reason: str, decision: list[Any], line: str
) -> None:
    ran = press(kernel, button, reason=reason)
    assert ran.json == decision
    assert [o["data"] for o in ran.of("display_data")][1:] == [EMPTY_BUNDLE]
    assert ran.saved()[0] == line
    closed = [m for m in ran.messages if m["msg_type"] == "comm_close"]
    assert len(closed) >= 5


@buttons_work
def test_edited_code_is_what_is_approved(kernel: KernelSession) -> None:
    ran = press(kernel, "Run", edited="print('other')")
    assert ran.json == [True, "", False, False, "print('other')"]
    assert ran.saved()[0] == "Approved after editing"


@buttons_work
def test_the_always_button_is_remembered(kernel: KernelSession) -> None:
    assert press(kernel, "Always in this thread").json == [True, "", True, True]
    assert kernel.run("await ask()").json[0] is True
    kernel.run("approvals.forget('thread_1')")


def test_a_front_end_without_widgets_is_asked_on_one_line(kernel: KernelSession) -> None:
    def refuse(message: Message) -> None:
        if message["msg_type"] == "comm_open":
            content = {"comm_id": message["content"]["comm_id"], "data": {}}
            kernel.client.shell_channel.send(kernel.client.session.msg("comm_close", content))

    ran = kernel.run("await ask()", answers=["y"], cell_id="c1", on_message=refuse, timeout=10)
    assert ran.json[0] is True


@pytest.mark.parametrize("cell_id", ["c1", None])
def test_stop_while_asking_leaves_one_line(kernel: KernelSession, cell_id: str | None) -> None:
    def stop_at_buttons(message: Message) -> None:
        if "application/vnd.jupyter.widget-view+json" in message["content"].get("data", {}):
            kernel.manager.interrupt_kernel()

    ran = kernel.run(
        "await ask()",
        answers=[],
        cell_id=cell_id,
        on_message=stop_at_buttons,
        on_question=kernel.manager.interrupt_kernel,
    )
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert ran.saved()[0] == "Not run: stopped before it was approved"
    assert kernel.run("print('goes on')").text == "goes on\n"
