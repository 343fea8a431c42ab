"""What code shows in a real kernel, and which files it leaves."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.kernel_runs import Await, texts

from jupyter_assistants.kernels.base import Executor, InputFile, Output, Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.outputs import images
from jupyter_assistants.kernels.pool import KernelPool

pytestmark = pytest.mark.slow

Run = Callable[[str], Result]


def attached(content: bytes, name: str = "data.csv", file_id: str = "file-abc") -> InputFile:
    sha = hashlib.sha256(content).hexdigest()
    return InputFile(file_id, name, len(content), sha, lambda: io.BytesIO(content))


def produced(result: Result) -> list[str]:
    return [file.name for file in result.files]


def test_a_result_is_a_valid_notebook_output(run: Run) -> None:
    result = run("print('a'); 1 + 1")
    assert (result.status, result.note) == ("ok", "")
    assert texts(result) == ["a\n", "2"]
    assert 0 < result.seconds < 5
    nbformat.validate(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=result.outputs)])
    )


def test_it_fulfils_the_contract(shared: KernelExecutor) -> None:
    interpreter: Executor = shared
    assert not interpreter.live


def test_names_live_on_between_runs(run: Run) -> None:
    run("kept = 41")
    assert texts(run("kept + 1")) == ["42"]


def test_streams_come_in_order(run: Run) -> None:
    code = "import sys\nfor n in range(2):\n print(n); print(-n, file=sys.stderr)"
    result = run(code)
    assert "".join(o["text"] for o in result.outputs if o["name"] == "stdout") == "0\n1\n"
    assert "".join(o["text"] for o in result.outputs if o["name"] == "stderr") == "0\n-1\n"


def test_a_figure_is_a_png(run: Run) -> None:
    result = run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    ((mime, content),) = images(result.outputs)
    assert mime == "image/png" and content.startswith(b"\x89PNG")


def test_a_data_frame_is_html_and_text(run: Run) -> None:
    result = run("import pandas as pd\npd.DataFrame({'a': [1]})")
    assert {"text/html", "text/plain"} <= set(result.outputs[0]["data"])


def test_an_error_has_its_traceback(run: Run) -> None:
    result = run("print('before')\n1/0")
    assert result.status == "error"
    assert texts(result) == ["before\n", "ZeroDivisionError"]
    assert "division by zero" in "".join(result.outputs[1]["traceback"])


def test_a_display_is_updated_where_it_stands(run: Run) -> None:
    code = "h = display('1', display_id=True)\nprint('between')\nh.update('2')"
    assert texts(run(code)) == ["'2'", "between\n"]


def test_clear_output_clears(run: Run) -> None:
    code = (
        "from IPython.display import clear_output\nprint('a')\nclear_output(wait=True)\nprint('b')"
    )
    assert texts(run(code)) == ["b\n"]


def test_code_may_await(run: Run) -> None:
    assert texts(run("import asyncio\nawait asyncio.sleep(0.01)\n'slept'")) == ["'slept'"]


def test_a_thread_may_print(run: Run) -> None:
    code = "import threading\nt = threading.Thread(target=print, args=('hi',))\nt.start(); t.join()"
    assert texts(run(code)) == ["hi\n"]


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; _ = subprocess.run(['echo', 'from a process'])",
        "import os; _ = os.system('echo from a process')",
        "!echo from a process",
    ],
)
def test_output_of_other_processes_is_there(code: str, run: Run) -> None:
    assert "".join(texts(run(code))).split() == ["from", "a", "process"]


def test_bytes_that_are_no_text_do_no_harm(run: Run) -> None:
    assert "x" in texts(run(r"import os; _ = os.write(1, b'\xff\xfex\n')"))[0]


def test_messages_that_are_nonsense_do_not_stop_the_run(run: Run) -> None:
    code = (
        "k = get_ipython().kernel\n"
        "for kind in ['stream', 'error', 'display_data', 'status', 'clear_output', 'nonsense']:\n"
        "    k.session.send(k.iopub_socket, kind, {'data': 3, 'text': {}}, parent=k.get_parent())\n"
        "print('after')"
    )
    assert texts(run(code))[-1] == "after\n"


def test_sys_exit_ends_the_code_and_not_the_kernel(run: Run) -> None:
    run("kept = 1")
    result = run("import sys; sys.exit(3)")
    assert (result.status, texts(result)[0]) == ("error", "SystemExit")
    assert texts(run("kept")) == ["1"]


def test_input_is_refused_in_clear_text(run: Run) -> None:
    result = run("input('Name?')")
    assert result.status == "error"
    assert result.note == "Nobody can answer input() here: set the value in code."


def test_a_flood_is_drained_and_cut(run: Run) -> None:
    result = run("for _ in range(200):\n    print('x' * 100_000)")
    assert result.status == "ok"
    assert len(result.outputs[0]["text"]) < 1_000_100
    assert "characters of output were left out" in result.note
    assert result.seconds < 10


def test_a_huge_result_is_cut(run: Run) -> None:
    result = run("list(range(1_000)) and type('T', (), {'__repr__': lambda s: 'x' * 5_000_000})()")
    assert len(texts(result)[0]) < 1_000_100


def test_outputs_are_reported_as_they_come_until_it_is_too_much(
    wait: Await[Result], shared: KernelExecutor
) -> None:
    seen: list[Output] = []
    wait(shared.run("print('a')\ndisplay('b', display_id='p')\n'c'", seen.append))
    assert [output["output_type"] for output in seen] == [
        "stream",
        "display_data",
        "execute_result",
    ]
    assert not any("transient" in output for output in seen)
    seen.clear()
    wait(shared.run("for _ in range(50):\n    print('x' * 100_000)", seen.append))
    assert 100_000 < len(json.dumps(seen)) < 3_000_000


def test_new_and_changed_files_are_produced(run: Run) -> None:
    first = run("open('a.txt', 'w').write('1')\nimport os; os.makedirs('sub', exist_ok=True)\n")
    assert produced(first) == ["a.txt"]
    second = run("open('a.txt', 'a').write('2'); open('sub/b.txt', 'w').write('3')")
    assert produced(second) == ["a.txt", "sub/b.txt"]
    assert second.files[0].path is not None and second.files[0].path.read_text() == "12"
    assert produced(run("open('a.txt').read()")) == []


def test_mnt_data_is_the_working_folder(run: Run, kernels: KernelPool) -> None:
    result = run(
        "open('/mnt/data/report.txt', 'w').write('x')\nprint('sandbox:/mnt/data/report.txt')"
    )
    assert produced(result) == ["report.txt"]
    assert "sandbox:/mnt/data/report.txt\n" in texts(result)
    assert (kernels.folder("thread_shared") / "report.txt").read_text() == "x"


def test_changing_the_folder_does_not_lose_files(run: Run) -> None:
    result = run("import os; os.chdir('/')\nopen('/mnt/data/far.txt', 'w').write('x')")
    assert produced(result) == ["far.txt"]
    run("os.chdir('/mnt/data')")


def test_attached_files_are_there_by_name_and_by_id(
    run: Run, wait: Await[None], shared: KernelExecutor
) -> None:
    wait(shared.prepare([attached(b"a,b\n1,2\n")]))
    result = run(
        "import pandas as pd\n"
        "print(list(pd.read_csv('/mnt/data/file-abc')), list(pd.read_csv('data.csv')))"
    )
    assert texts(result) == ["['a', 'b'] ['a', 'b']\n"]
    assert produced(result) == []


def test_an_attached_file_is_produced_when_code_changes_it(
    run: Run, wait: Await[None], shared: KernelExecutor
) -> None:
    file = attached(b"1", "input.txt", "file-input")
    wait(shared.prepare([file]))
    assert produced(run("open('/mnt/data/input.txt', 'w').write('changed')")) == ["input.txt"]
    wait(shared.prepare([file]))
    assert texts(run("open('/mnt/data/file-input').read()")) == ["'changed'"]


def test_variables_of_the_server_are_not_inherited_unless_they_are_known_or_named(
    monkeypatch: pytest.MonkeyPatch, wait: Await[Any], root: Path
) -> None:
    secrets = ("SOME_API_KEY", "github_token", "DATABASE_URL", "SENTRY_DSN", "LAB_SETTING")
    for name in (*secrets, "LAB_FOLDER", "LC_TIME", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "C" if name == "LC_TIME" else "1")
    named = KernelPool(root / "named", variables=["LAB_F*", "SENTRY_DSN"])

    async def shown() -> Result:
        own = await named.open("thread_env")
        result = await own.run("import os; print(*sorted(os.environ))", lambda output: None)
        await named.close()
        assert isinstance(result, Result)
        return result

    (text,) = texts(wait(shown()))
    names = set(text.split())
    assert names & {*secrets, "LAB_FOLDER", "LC_TIME", "OMP_NUM_THREADS"} == {
        *("SENTRY_DSN", "LAB_FOLDER", "LC_TIME", "OMP_NUM_THREADS")
    }
    assert not any(name.startswith("PYTEST_") for name in names)


def test_threads_have_separate_variables_folders_and_run_at_the_same_time(
    wait: Await[Any], kernels: KernelPool
) -> None:
    import asyncio

    async def one(name: str) -> Result:
        own = await kernels.open(f"thread_{name}")
        await own.run(f"mine = {name!r}", lambda output: None)
        code = "import time, os; time.sleep(1); print(mine, os.path.basename(os.getcwd()))"
        return await own.run(code, lambda output: None)

    async def both() -> list[Result]:
        return await asyncio.gather(one("a"), one("b"))

    first, second = wait(both())
    assert texts(first) == ["a thread_a\n"] and texts(second) == ["b thread_b\n"]


def test_the_folder_of_a_thread_is_private(kernels: KernelPool, run: Run) -> None:
    assert kernels.folder("thread_shared").stat().st_mode & 0o077 == 0


def test_a_forgotten_thread_leaves_nothing(wait: Await[Any], kernels: KernelPool) -> None:
    own = wait(kernels.open("thread_gone"))
    wait(own.run("open('x', 'w').write('1')", lambda output: None))
    wait(kernels.forget("thread_gone"))
    assert not Path(kernels.folder("thread_gone")).exists()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("len?", "Return the number of items"),
        ("?len", "Return the number of items"),
        ("def own(x):\n    return x + 41\nown??", "return x + 41"),
        ("%pinfo len", "Return the number of items"),
        ("%psource own", "return x + 41"),
        ("help(len)", "Return the number of items"),
        ("open('code.py', 'w').write('loaded = 1')\n%load code.py", "loaded = 1"),
    ],
)
def test_what_a_notebook_shows_in_its_pager_is_an_output(run: Run, code: str, shown: str) -> None:
    assert shown in "".join(texts(run(code)))


def test_a_pager_stands_behind_what_was_printed(run: Run) -> None:
    first, second = texts(run("print('before')\nlen?"))
    assert first == "before\n" and "Return the number" in second


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print('\\ud800')", "\\ud800\n"),
        ("print('ab\\udcffc')", "ab\\udcffc\n"),
        ("import sys; _ = sys.stderr.write('\\ud83d!')", "\\ud83d!"),
        (
            "from IPython.display import display\ndisplay({'text/plain': '\\ud800'}, raw=True)",
            "\\ud800",
        ),
        ("class A:\n    def __repr__(self): return '\\udfff'\nA()", "\\udfff"),
        ("print(len('\ud800'))", "1\n"),
        ("print('ä 😀')", "ä 😀\n"),
    ],
)
def test_half_a_surrogate_pair_is_shown_as_python_writes_it(
    run: Run, code: str, shown: str
) -> None:
    assert texts(run(code)) == [shown]
    result = run("raise ValueError('\\ud800')")
    assert result.outputs[0]["evalue"] == "\\ud800"
