"""The rewriting of ``%%assistant`` cells."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.kernel_session import KernelSession, kernel_session

from jupyter_assistants.ipython.async_cell import install, uninstall

SETUP = """
import asyncio, json
from jupyter_assistants.ipython.async_cell import install, uninstall

async def run(line, body):
    await asyncio.sleep(0)
    print(json.dumps([line, body]))

def assistant(line, cell):
    "The help of the magic."
    print(json.dumps(['synchronous', line, cell]))

get_ipython().register_magic_function(assistant, 'line_cell')
install(get_ipython(), run)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with kernel_session(tmp_path_factory.mktemp("kernel")) as session:
        assert session.run(SETUP).status == "ok"
        yield session


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%%assistant\nhello", ["", "hello\n"]),
        ("%%assistant --new  name\nhello\n\nthere", ["--new  name", "hello\n\nthere\n"]),
        ("%%assistant", ["", ""]),
        ("\n\n  \n%%assistant x\nhello", ["x", "hello\n"]),
        ("# a comment\n\n# another\n%%assistant x\nhello", ["x", "hello\n"]),
        ("    %%assistant x\n    hello", ["x", "hello\n"]),
        ("%%assistant \"q' \\ {x} $y\nit's \"\"\" {a} \\n 'é😀' %d ?\n!ls", None),
        ("%%assistant x   \r\nhello", ["x", "hello\n"]),
        ("%%assistant\n# a heading\n%%time", ["", "# a heading\n%%time\n"]),
    ],
)
def test_line_and_body_arrive_as_written(
    kernel: KernelSession, cell: str, expected: list[str] | None
) -> None:
    if expected is None:
        line, _, body = cell.partition("\n")
        expected = [line.removeprefix("%%assistant "), body + "\n"]
    assert kernel.run(cell).json == expected


@pytest.mark.parametrize("cell", ["%%assistant?", "%%assistant??", "%assistant?"])
def test_help_still_works(kernel: KernelSession, cell: str) -> None:
    (payload,) = kernel.run(cell).reply["payload"]
    assert "The help of the magic." in json.dumps(payload)


@pytest.mark.parametrize("outer", ["%%capture out", "%%time"])
def test_inside_another_cell_magic_the_synchronous_magic_runs(
    kernel: KernelSession, outer: str
) -> None:
    ran = kernel.run(f"{outer}\n%%assistant x\nhello")
    assert ran.status == "ok", ran.outputs
    text = kernel.run("print(out.stdout)").text if "capture" in outer else ran.text
    assert '["synchronous", "x", "hello\\n"]' in text


def test_without_autoawait_the_synchronous_magic_runs(kernel: KernelSession) -> None:
    kernel.run("%autoawait off")
    ran = kernel.run("%%assistant x\nhello")
    kernel.run("%autoawait on")
    assert ran.json[0] == "synchronous"


@pytest.mark.parametrize("cell", ["%%assistants\nhello", "print(1)\n%%assistant\nhello"])
def test_other_cells_are_left_alone(cell: str) -> None:
    lines = cell.splitlines(keepends=True)
    shell = InteractiveShell.instance()

    async def run(line: str, body: str) -> None:
        raise AssertionError

    install(shell, run)
    transform = shell.input_transformers_cleanup[-1]
    assert transform(lines) == lines
    uninstall(shell)


def test_nothing_is_added_to_the_users_names(kernel: KernelSession) -> None:
    before = kernel.run("%who").text
    kernel.run("%%assistant\nhello")
    assert kernel.run("%who").text == before


def test_installing_twice_changes_the_callable_only(kernel: KernelSession) -> None:
    kernel.run("count = len(get_ipython().input_transformers_cleanup)")
    ran = kernel.run(
        "install(get_ipython(), run)\nprint(len(get_ipython().input_transformers_cleanup) == count)"
    )
    assert ran.text == "True\n"


def test_uninstalling_leaves_the_synchronous_magic(kernel: KernelSession) -> None:
    kernel.run("uninstall(get_ipython()); uninstall(get_ipython())")
    ran = kernel.run("%%assistant x\nhello")
    kernel.run("install(get_ipython(), run)")
    assert ran.json == ["synchronous", "x", "hello\n"]


def test_an_error_in_the_run_fails_the_cell(kernel: KernelSession) -> None:
    kernel.run("async def fails(line, body): raise ValueError('no')\ninstall(get_ipython(), fails)")
    ran = kernel.run("%%assistant\nhello")
    kernel.run("install(get_ipython(), run)")
    assert ran.status == "error" and ran.reply["ename"] == "ValueError"


def test_a_terminal_runs_it_and_knows_that_a_first_line_is_not_all(tmp_path: Path) -> None:
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"shell.run_cell({SETUP!r})\n"
        "shell.run_cell('%%assistant x\\nhello')\n"
        "print(shell.check_complete('%%assistant x')[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.splitlines() == ['["x", "hello\\n"]', "incomplete"]
