"""The model's code inside a running cell of a real kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from support.kernel_session import KernelSession, kernel_session, stop_at

pytestmark = pytest.mark.slow

SETUP = """
import json
from pathlib import Path
from IPython.display import display
from jupyter_assistants.ipython.approval import Decision, fingerprint
from jupyter_assistants.ipython.output_capture import own_output
from jupyter_assistants.ipython.code_runner import execute

seen = []

async def nested(code, *, live=False, on_output=seen.append, folder=None, paths={}):
    seen.clear()
    decision = Decision(True, sha256=fingerprint(code))
    return await execute(get_ipython(), code, decision=decision, live=live,
                         folder=folder or Path.cwd(), on_output=on_output, paths=paths)

def echo(output):
    seen.append(output)
    print('reported', output.get('text'), flush=True)

async def told(code, **options):
    outcome = await nested(code, **options)
    print(json.dumps(outcome))
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with kernel_session(tmp_path_factory.mktemp("kernel")) as session:
        assert session.run(SETUP).status == "ok"
        yield session


def tell(kernel: KernelSession, code: str, **options: Any) -> dict[str, Any]:
    """Run code inside a cell and give the outcome; nothing else may stand in that cell."""
    ran = kernel.run(f"await told({code!r}, **{options!r})")
    assert ran.status == "ok", ran.outputs
    # A slow machine may send a line and its end apart.
    assert {o["kind"] for o in ran.outputs} == {"stream"}, ran.outputs
    return dict(ran.json)


def kinds(outcome: dict[str, Any]) -> list[str]:
    return [output["output_type"] for output in outcome["outputs"]]


def test_text_and_the_last_value_are_kept_and_not_shown_in_the_cell(kernel: KernelSession) -> None:
    outcome = tell(kernel, "print('hello')\n6 * 7")
    assert outcome["status"] == "ok" and outcome["note"] == ""
    assert kinds(outcome) == ["stream", "execute_result"]
    assert outcome["outputs"][0]["text"] == "hello\n"
    assert outcome["outputs"][1]["data"] == {"text/plain": "42"}
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell_of(outcome)]))


def cell_of(outcome: dict[str, Any]) -> Any:
    outputs = [nbformat.from_dict(output) for output in outcome["outputs"]]
    return nbformat.v4.new_code_cell(outputs=outputs)


def test_it_shares_the_users_variables(kernel: KernelSession) -> None:
    kernel.run("mine = 20")
    tell(kernel, "theirs = mine + 1")
    assert kernel.run("print(theirs)").text == "21\n"


def test_await_works_in_the_code(kernel: KernelSession) -> None:
    outcome = tell(kernel, "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')\n1 + 1")
    assert kinds(outcome) == ["stream", "execute_result"]


@pytest.mark.parametrize("first", ["", "import asyncio\nawait asyncio.sleep(0)\n"])
def test_figures_are_kept(kernel: KernelSession, first: str) -> None:
    code = first + "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('t');"
    outcome = tell(kernel, code)
    images = [o for o in outcome["outputs"] if "image/png" in o.get("data", {})]
    assert len(images) == 1


def test_what_threads_print_is_kept(kernel: KernelSession) -> None:
    code = (
        "import threading\nt = threading.Thread(target=lambda: print('from a thread'))\n"
        "t.start(); t.join()"
    )
    assert tell(kernel, code)["outputs"][0]["text"] == "from a thread\n"


def test_what_threads_display_is_kept(kernel: KernelSession) -> None:
    code = (
        "import threading\nt = threading.Thread(target=lambda: display({'text/plain': 'd'}, raw=True))"
        "\nt.start(); t.join()"
    )
    assert kinds(tell(kernel, code)) == ["display_data"]


def test_what_subprocesses_print_is_kept(kernel: KernelSession) -> None:
    outcome = tell(kernel, "import os\nfor i in range(3): os.system('echo from a process')")
    assert outcome["outputs"][0]["text"].count("from a process\n") == 3


def test_displays_are_updated_where_they_stand(kernel: KernelSession) -> None:
    code = (
        "h = display({'text/plain': 'old'}, raw=True, display_id=True)\nprint('between')\n"
        "h.update({'text/plain': 'new'}, raw=True)"
    )
    outcome = tell(kernel, code)
    assert kinds(outcome) == ["display_data", "stream"]
    assert outcome["outputs"][0]["data"] == {"text/plain": "new"}
    assert "transient" not in outcome["outputs"][0]


def test_a_display_of_an_earlier_cell_is_updated_there(kernel: KernelSession) -> None:
    kernel.run("h = display({'text/plain': 'old'}, raw=True, display_id='of-before')")
    ran = kernel.run("await told(\"h.update({'text/plain': 'new'}, raw=True)\")")
    assert [m["content"]["data"] for m in ran.messages if m["msg_type"] == "update_display_data"]
    assert ran.json["outputs"] == []


def test_clear_output_clears_only_what_the_code_showed(kernel: KernelSession) -> None:
    code = "from IPython.display import clear_output\nprint('one')\nclear_output()\nprint('two')"
    ran = kernel.run(f"print('text of the assistant')\nawait told({code!r})")
    assert "clear_output" not in [m["msg_type"] for m in ran.messages]
    assert ran.text.startswith("text of the assistant")
    assert [o["text"] for o in ran.json["outputs"]] == ["two\n"]


def test_an_error_is_kept_and_is_no_error_of_the_cell(kernel: KernelSession) -> None:
    outcome = tell(kernel, "print('before')\n1 / 0")
    assert outcome["status"] == "error"
    assert kinds(outcome) == ["stream", "error"]
    assert outcome["outputs"][1]["ename"] == "ZeroDivisionError"


def test_a_syntax_error_is_kept(kernel: KernelSession) -> None:
    outcome = tell(kernel, "def")
    assert outcome["status"] == "error" and outcome["outputs"][0]["ename"] == "SyntaxError"


def test_an_error_while_awaiting_is_kept(kernel: KernelSession) -> None:
    outcome = tell(kernel, "import asyncio\nawait asyncio.sleep(0)\nnowhere")
    assert outcome["status"] == "error" and outcome["outputs"][0]["ename"] == "NameError"


def test_an_error_in_a_repr_does_not_fail_the_cell(kernel: KernelSession) -> None:
    code = "class Bad:\n    def __repr__(self): raise ValueError('bad repr')\nBad()"
    outcome = tell(kernel, code)
    assert [o["ename"] for o in outcome["outputs"]] == ["ValueError"]


def test_an_unknown_magic_is_an_error_with_a_text(kernel: KernelSession) -> None:
    outcome = tell(kernel, "%%nowhere\nx")
    assert outcome["status"] == "error"
    assert outcome["outputs"][-1]["ename"] == "UsageError"


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "exit()", "quit", "raise SystemExit"])
def test_exit_is_an_error_and_the_kernel_lives(kernel: KernelSession, code: str) -> None:
    outcome = tell(kernel, code)
    assert outcome["status"] == "error" and "kernel continues" in outcome["note"]
    # A kernel that is about to exit has this set, and answers another cell all the same.
    assert kernel.run("print(get_ipython().exit_now)").text == "False\n"


def test_asyncio_run_is_an_error_that_is_told(kernel: KernelSession) -> None:
    outcome = tell(kernel, "import asyncio\nasync def f(): pass\nasyncio.run(f())")
    assert outcome["outputs"][-1]["ename"] == "RuntimeError"


def test_magics_and_shell_commands_work(kernel: KernelSession) -> None:
    outcome = tell(kernel, "%pwd\n!echo shell")
    assert "shell" in json.dumps(outcome["outputs"])


def test_mnt_data_means_the_folder_and_new_files_are_named(
    kernel: KernelSession, tmp_path: Path
) -> None:
    (tmp_path / "old.txt").write_text("old")
    code = "open('/mnt/data/a.txt', 'w').write('x'); import os; os.mkdir('/mnt/data/d')\n"
    code += "open('/mnt/data/d/b.txt', 'w').write('x');"
    ran = kernel.run(f"await told({code!r}, folder=Path({str(tmp_path)!r}))")
    assert ran.json["files"] == ["a.txt", "d/b.txt"]


def test_outputs_are_reported_while_the_code_runs(kernel: KernelSession) -> None:
    code = "print('first', flush=True)\nprint('reported', reported.wait(20))"
    ran = kernel.run(
        "import threading\nreported = threading.Event()\n"
        f"await told({code!r}, on_output=lambda output: reported.set())"
    )
    assert ran.json["outputs"][0]["text"] == "first\nreported True\n"


def test_what_on_output_displays_stands_in_the_cell(kernel: KernelSession) -> None:
    code = "print('one', flush=True)\ndisplay({'text/plain': 'two'}, raw=True)"
    ran = kernel.run(
        "def show(output):\n    display({'text/plain': 'view: ' + output['output_type']}, raw=True)\n"
        f"outcome = await nested({code!r}, on_output=show)\nprint(json.dumps(outcome))"
    )
    assert ran.saved() == ["view: stream", "view: display_data"]
    assert kinds(ran.json) == ["stream", "display_data"]


def test_what_on_output_prints_stands_in_the_cell(kernel: KernelSession) -> None:
    ran = kernel.run(
        "outcome = await nested(\"print('code')\", on_output=lambda o: print('view'))\n"
        "print(json.dumps(outcome))"
    )
    assert ran.text.startswith("view\n")
    assert [o["text"] for o in ran.json["outputs"]] == ["code\n"]


def test_what_another_task_displays_meanwhile_stands_in_the_cell(kernel: KernelSession) -> None:
    ran = kernel.run(
        "import asyncio\nbegun, shown = asyncio.Event(), asyncio.Event()\n"
        "async def view():\n"
        "    await begun.wait()\n"
        "    with own_output():\n        display({'text/plain': 'view'}, raw=True)\n"
        "    shown.set()\n"
        "task = asyncio.create_task(view())\n"
        "outcome = await nested('begun.set()\\n_ = await shown.wait()')\n"
        "print(json.dumps(outcome))"
    )
    assert ran.saved() == ["view"] and ran.json["outputs"] == []


def test_live_outputs_also_stand_in_the_cell(kernel: KernelSession) -> None:
    ran = kernel.run("outcome = await nested(\"print('one')\\n6 * 7\", live=True)")
    assert ran.of("stream")[0]["text"] == "one\n"
    assert ran.of("execute_result")[0]["data"] == {"text/plain": "42"}


def test_a_live_error_is_shown_folded_and_as_a_display(kernel: KernelSession) -> None:
    ran = kernel.run("outcome = await nested('1 / 0', live=True)")
    assert [o["kind"] for o in ran.outputs] == ["display_data"]
    assert "<details><summary>ZeroDivisionError" in ran.outputs[0]["data"]["text/html"]


def test_widgets_reach_the_front_end(kernel: KernelSession) -> None:
    code = "import ipywidgets as w\ns = w.IntSlider()\ndisplay(s)\ns.value = 3"
    ran = kernel.run(f"await told({code!r})")
    assert "comm_open" in [m["msg_type"] for m in ran.messages]
    assert "application/vnd.jupyter.widget-view+json" in ran.json["outputs"][0]["data"]


def test_an_output_widget_gets_what_is_shown_in_it(kernel: KernelSession) -> None:
    code = (
        "import ipywidgets as w\nout = w.Output()\nwith out:\n    print('inside')\nprint('outside')"
    )
    ran = kernel.run(f"await told({code!r})")
    assert [o["text"] for o in ran.json["outputs"]] == ["outside\n"]
    hooked = [
        m["content"]["data"]["state"]["msg_id"]
        for m in ran.messages
        if m["msg_type"] == "comm_msg" and "msg_id" in m["content"]["data"].get("state", {})
    ]
    assert hooked == [ran.messages[0]["parent_header"]["msg_id"], ""]


def test_input_asks_the_person(kernel: KernelSession) -> None:
    ran = kernel.run("await told(\"print(input('name? '))\")", answers=["Ada"])
    assert ran.json["outputs"][0]["text"] == "Ada\n"


def test_input_without_a_person_is_an_error(kernel: KernelSession) -> None:
    assert tell(kernel, "input()")["outputs"][0]["ename"] == "StdinNotImplementedError"


def test_code_that_was_not_approved_does_not_run(kernel: KernelSession) -> None:
    ran = kernel.run(
        "ran = False\ncode = 'ran = True'\n"
        "for decision in [Decision(False, sha256=fingerprint(code)), Decision(True, sha256='other')]:\n"
        "    try:\n"
        "        await execute(get_ipython(), code, decision=decision, folder=Path.cwd(),"
        " on_output=print)\n"
        "    except Exception as error:\n        print(type(error).__name__, ran)"
    )
    assert ran.text == "ApprovalNeeded False\n" * 2


def test_nothing_stays_behind(kernel: KernelSession) -> None:
    ran = kernel.run(
        "import signal, sys\nk = get_ipython().kernel\n"
        "def state():\n"
        "    return (signal.getsignal(signal.SIGINT), 'send' in vars(k.session),\n"
        "            'ask_exit' in vars(get_ipython()), sys.stdout.parent_header['msg_id'])\n"
        "before = state()\n"
        "for code in ['1', 'await __import__(\"asyncio\").sleep(0)', '1/0', 'exit()']:\n"
        "    await nested(code)\n    assert state() == before, state()\n"
    )
    assert ran.status == "ok", ran.outputs
    assert kernel.run("1 / 0").of("error")[0]["ename"] == "ZeroDivisionError"


def test_a_cancel_from_elsewhere_ends_the_code_and_goes_on(kernel: KernelSession) -> None:
    ran = kernel.run(
        "import asyncio\nbegun = asyncio.Event()\n"
        "task = asyncio.create_task(nested('begun.set()\\nawait asyncio.Event().wait()'))\n"
        "await begun.wait()\ntask.cancel()\n"
        "try:\n    await task\n"
        "except asyncio.CancelledError:\n    print('cancelled', len(asyncio.all_tasks()) < 9)"
    )
    assert ran.text.startswith("cancelled")


def test_much_output_is_cut_and_said(kernel: KernelSession) -> None:
    outcome = tell(kernel, "print('x' * 3_000_000)")
    assert len(outcome["outputs"][0]["text"]) < 1_100_000 and "left out" in outcome["note"]


@pytest.mark.parametrize("code", ["print(6 * 7)", "import asyncio\nawait asyncio.sleep(0)\n6 * 7"])
def test_a_synchronous_magic_can_run_it_too(kernel: KernelSession, code: str) -> None:
    ran = kernel.run(
        "from jupyter_assistants.client.event_loops import run_nested\nimport asyncio\n"
        f"outcome = run_nested(nested({code!r}))\n"
        "print(json.dumps([outcome['status'], len(outcome['outputs'])]))\n"
    )
    assert ran.json == ["ok", 1]
    assert kernel.run("import asyncio\nawait asyncio.sleep(0)\nprint('goes on')").status == "ok"


def test_stop_reaches_code_under_a_synchronous_magic(kernel: KernelSession) -> None:
    code = "import asyncio\nprint('begun', flush=True)\nawait asyncio.Event().wait()"
    ran = kernel.run(
        "from jupyter_assistants.client.event_loops import run_nested\n"
        f"print(json.dumps(run_nested(nested({code!r}, on_output=echo))['status']))",
        on_message=stop_at(kernel, "reported"),
    )
    assert ran.json == "interrupted"


@pytest.mark.slow
def test_a_headless_run_with_a_corrected_error_succeeds(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, "await told('1 / 0')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute(cwd=str(tmp_path))
    assert [o.output_type for o in notebook.cells[1].outputs] == ["stream"]


@pytest.mark.parametrize(
    "code",
    [
        "import threading\nthreading.Event().wait()",
        "while True: pass",
        "import asyncio\nawait asyncio.Event().wait()",
        "import asyncio, threading\nawait asyncio.sleep(0)\nthreading.Event().wait()",
        "import threading\ntry: threading.Event().wait()\nexcept KeyboardInterrupt: print('tidied up')",
        "input()",
        "!echo ready; sleep 30",
    ],
)
def test_stop_ends_the_code(kernel: KernelSession, code: str) -> None:
    # A shell ignores Stop until it runs its command, which therefore reports itself.
    begun = "ready" if code.startswith("!") else "begun"
    code = "print('begun', flush=True)\n" + code
    ran = kernel.run(
        f"await told({code!r}, on_output=echo)",
        answers=[],
        on_message=stop_at(kernel, f"reported {begun}"),
    )
    assert ran.json["status"] == "interrupted" and ran.json["note"].startswith("Stopped. The code")
    assert ran.json["outputs"][0]["text"].startswith("begun")
    assert kernel.run("print('goes on')").text == "goes on\n"


OPENED = """
import os, pathlib, subprocess
path = "/mnt/data/file-abc"
print(open(path).read(), pathlib.Path(path).read_text(), os.path.exists(path))
print(subprocess.run(["cat", "/mnt/data/file-abc"], capture_output=True, text=True).stdout)
!cat /mnt/data/file-abc
"""


def test_code_opens_a_file_by_its_id(kernel: KernelSession, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("10")
    outcome = tell(kernel, OPENED, paths={"file-abc": str(tmp_path / "data.txt")})
    assert "".join(output["text"] for output in outcome["outputs"]) == "10 10 True\n10\n10"


PLOT = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
AGG = "import matplotlib\nmatplotlib.use('Agg')\n" + PLOT


def pictures(outcome: dict[str, Any]) -> int:
    return sum("image/png" in output.get("data", ()) for output in outcome["outputs"])


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (AGG, 1),
        (PLOT.replace("fig,", "plt.switch_backend('agg')\nfig,"), 1),
        ("%matplotlib agg\n" + PLOT, 1),
        (AGG.replace("fig,", "import asyncio; await asyncio.sleep(0)\nfig,"), 1),
        (PLOT + "fig", 1),
        (PLOT + "display(fig)", 1),
        (PLOT + "plt.show()\nfig", 1),
        (PLOT + "display(fig)\nax.set_title('x')\nfig", 2),
    ],
)
def test_figures_are_shown_once_whatever_the_backend(
    kernel: KernelSession, code: str, count: int
) -> None:
    assert pictures(tell(kernel, code)) == count
    assert pictures(tell(kernel, PLOT)) == 1
    backend = kernel.run("import matplotlib; print(matplotlib.get_backend())").text
    assert "inline" in backend


def test_a_step_names_the_settings_that_it_changed_and_undo_restores_them(
    kernel: KernelSession,
) -> None:
    changes = tell(kernel, "import pandas as pd\npd.set_option('display.max_rows', 7)")["changes"]
    assert changes["settings"] == ["pandas display.max_rows"] and changes["undo"] == "full"
    undone = kernel.run(
        "from jupyter_assistants.kernels import ledger\n"
        f"print(ledger.undo(get_ipython(), {changes['id']!r})['restored'])\n"
        "import pandas as pd; print(pd.get_option('display.max_rows'))"
    )
    assert undone.text == "['pandas display.max_rows']\n60\n"
    changes = tell(kernel, AGG)["changes"]
    assert "settings" not in changes
    assert changes["note"] == "The code set matplotlib's backend to Agg; it is inline again."


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("len?", "Return the number of items"),
        ("def own(x):\n    return x + 41\nown??", "return x + 41"),
        ("%pinfo len", "Return the number of items"),
        ("help(len)", "Return the number of items"),
        ("print('\\ud800')", "\\ud800\n"),
        ("print('ab\\udcffc')", "ab\\udcffc\n"),
        ("class A:\n    def __repr__(self): return '\\udfff'\nA()", "\\udfff"),
        ("print(len('\ud800'))", "1\n"),
    ],
)
def test_pagers_and_halves_of_surrogate_pairs_are_shown(
    kernel: KernelSession, code: str, shown: str
) -> None:
    outcome = tell(kernel, code)
    texts = [o.get("text") or o["data"]["text/plain"] for o in outcome["outputs"]]
    assert shown in "".join(texts)


@pytest.mark.parametrize("end", ["quit()", "exit()", "exit", "get_ipython().ask_exit()"])
def test_code_after_exit_goes_on_in_the_same_kernel(kernel: KernelSession, end: str) -> None:
    tell(kernel, "before = 1")
    assert "The kernel continues" in tell(kernel, end)["note"]
    assert tell(kernel, "print(before)")["outputs"][0]["text"] == "1\n"
