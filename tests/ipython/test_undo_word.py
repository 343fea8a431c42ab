"""Undo in a real kernel: by the word, with what the cell says and what the server keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession, Ran


def asked(kernel: KernelSession, *codes: str, new: bool = False) -> Ran:
    return kernel.run(f"%%assistant --yes{' --new' if new else ''}\n{blocks(*codes)}")


@pytest.fixture(scope="module")
def kernel(coder_kernel: KernelSession) -> KernelSession:
    coder_kernel.run(
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\nkept = [1]"
    )
    return coder_kernel


def test_the_cell_says_in_one_line_what_a_step_changed(kernel: KernelSession) -> None:
    ran = asked(kernel, "df.loc[0, 'a'] = 9\nfresh = 1\ndel kept\nopen('o.csv', 'w').write('x')")
    card = ran.outputs[1]["data"]
    line = card["text/plain"].splitlines()[-1]
    assert line == "New fresh · changed df · deleted kept · new file o.csv · %assistant undo 1"
    assert f"<small>{line}</small>" in card["text/html"]
    kernel.run("kept = [1]")


def test_undo_restores_variables_and_files_and_the_server_knows(
    kernel: KernelSession, coder_folder: Path
) -> None:
    kernel.run("kept = [1]")
    ran = asked(
        kernel,
        "df['a'] = 0\nmade = 2\nopen('t.txt', 'w').write('t')\nkept.append(2)",
        new=True,
    )
    step = ran.outputs[1]["data"]["text/plain"].rsplit(" ", 1)[-1]
    [said] = kernel.run("%assistant undo").saved()
    assert said == f"Step {step} is undone: restored df, kept; removed made, t.txt."
    assert kernel.run("print(df['a'].tolist(), kept, 'made' in globals())").text == (
        "[9, 2] [1] False\n"
    )
    assert not (coder_folder / "t.txt").exists()
    assert " · undone" in kernel.run("%assistant show").saved()[1]


def test_undo_refuses_and_names_the_variable_that_the_user_changed(kernel: KernelSession) -> None:
    asked(kernel, "kept.append(5)")
    kernel.run("kept.append('mine')")
    ran = kernel.run("%assistant undo")
    assert ran.status == "error" and len(ran.of("error")[0]["traceback"]) == 1
    assert "kept changed since" in ran.reply["evalue"]
    kernel.run("%assistant undo --force")
    assert kernel.run("print(kept)").text == "[1]\n"


def test_a_step_that_fails_is_written_down_as_well(kernel: KernelSession) -> None:
    ran = asked(kernel, "kept.append(6)\nraise ValueError")
    assert "Changed kept" in ran.saved()[0]
    kernel.run("%assistant undo")
    assert kernel.run("print(kept)").text == "[1]\n"


def test_nothing_to_undo_is_said_plainly(kernel: KernelSession) -> None:
    asked(kernel, "df.shape")
    assert "There is no step 99" in kernel.run("%assistant undo 99").reply["evalue"]
    assert "%assistant undo" not in asked(kernel, "df.shape").saved()[0]


def test_the_ledger_is_not_loaded_before_the_first_step(kernel: KernelSession) -> None:
    code = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import sys, jupyter_assistants.ipython.magics; print(\"jupyter_assistants.kernels.ledger\" in sys.modules)'], capture_output=True, text=True).stdout)"
    assert kernel.run(code).text.strip() == "False"
