"""Files that nothing may load by chance lie in a subfolder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_assistants.kernels.attached_files import (
    APART,
    attached_names,
    is_loaded_unasked,
    name_apart,
)


@pytest.mark.parametrize(
    "name",
    [
        *("pandas.py", "json.py", "sitecustomize.py", "usercustomize.pyc", "numpy.pyw"),
        *("re.so", "json.cpython-311-x86_64-linux-gnu.so", "../pandas.py", ".random.py"),
        *("torch.pyd", "pydantic.py", "ipython_config.py", "jupyter_server_config.json"),
        *("jupyter_config.py", "ipython_kernel_config.py", "matplotlibrc", "pytest.py"),
    ],
)
def test_names_that_programs_load_unasked_are_known(name: str) -> None:
    assert is_loaded_unasked(name)


@pytest.mark.parametrize(
    "name",
    [
        "helpers.py",
        "pandas.csv",
        "json.txt",
        "data.csv",
        "my_pandas.py",
        "pandas-1a2b.py",
        "config.py",
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert not is_loaded_unasked(name)


def test_files_that_are_set_apart_take_names_of_their_own() -> None:
    files = [("f1", "a.csv", "1" * 64, False), ("f2", "a.csv", "2" * 64, True)]
    files += [("f3", "a.csv", "3" * 64, True)]
    assert attached_names(files) == {
        "f1": "a.csv",
        "f2": f"{APART}/a.csv",
        "f3": f"{APART}/a-33333333.csv",
    }


def test_a_person_is_told_which_they_are() -> None:
    assert name_apart(["a.csv"]) == ""
    names = [f"{APART}/{number:02}.py" for number in range(12)]
    assert name_apart(["a.csv", *names]).endswith("07.py, 08.py, 09.py and 2 more.")


def test_nothing_is_imported_from_the_subfolder(tmp_path: Path) -> None:
    (tmp_path / APART).mkdir()
    (tmp_path / APART / "json.py").write_text("raise SystemExit('loaded')")
    code = "import json; print(json.dumps(1))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout == "1\n"
