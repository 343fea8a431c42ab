"""The person's variables in cells: an assistant's code does not take their names for something else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_session import KernelSession, kernel_session
from support.paths import EXAMPLES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """A kernel whose model is the demo."""
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copy(EXAMPLES / "data" / "penguins.csv", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(folder) as session:
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            session.folder = folder  # type: ignore[attr-defined]
            yield session


def ask(kernel: KernelSession, options: str, question: str) -> str:
    ran = kernel.run(f"%%assistant --yes {options}\n{question}", timeout=100)
    assert ran.status == "ok", ran.outputs
    return "\n".join(ran.saved())


def test_a_file_does_not_take_the_name_of_a_variable(demo: KernelSession) -> None:
    folder: Path = demo.folder  # type: ignore[attr-defined]
    (folder / "a.csv").write_text("n,fig\n1,2\n3,4\n")
    demo.run("a = 5; fig = 'mine'; a_by_n = 'mine'")
    answer = ask(demo, "--new -f a.csv", "mean fig by n")
    assert "a.csv" in answer and "2 rows" in answer
    assert demo.run("print(a, fig, a_by_n)").text == "5 mine mine\n"


def test_a_question_is_about_the_person_s_table_of_this_name(demo: KernelSession) -> None:
    whole = ask(demo, "--new -f penguins.csv", "how many rows?")
    assert "344" in whole
    demo.run("penguins = penguins.dropna(); penguins['mass_kg'] = penguins.body_mass_g / 1000")
    demo.run("before = penguins; copy = penguins.copy()")
    answer = ask(demo, "-f penguins.csv", "maximum mass_kg")
    assert "6.3" in answer and "333 rows" in answer
    assert demo.run("print(penguins is before, penguins.equals(copy))").text == "True True\n"


def test_what_the_assistant_made_is_read_again(demo: KernelSession) -> None:
    folder: Path = demo.folder  # type: ignore[attr-defined]
    for values, options in (("1\n2", "--new"), ("1\n2\n3", "--new"), ("1\n2\n3\n4", "")):
        (folder / "fresh.csv").write_text(f"n\n{values}\n")
        answer = ask(demo, f"{options} -f fresh.csv", "sum of n")
        assert f"{len(values.split())} rows" in answer
    assert demo.run("print(len(fresh))").text == "4\n"
