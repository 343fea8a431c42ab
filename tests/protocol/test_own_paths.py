"""Code as people read it: their own paths in the place of ``/mnt/data``."""

from __future__ import annotations

import json

import pytest
from support.paths import TESTS

from jupyter_assistants.protocol.own_paths import with_own_paths

CASES = json.loads((TESTS / "data" / "own_paths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("code", "shown"), CASES)
def test_code_names_files_as_the_person_s_own_cell_does(code: str, shown: str) -> None:
    assert with_own_paths(code) == shown
    assert with_own_paths(shown) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("read('/mnt/data/a.csv')", "read('/home/me/tables/a.csv')"),
        ("read('/mnt/data/a.csv.gz')", "read('a.csv.gz')"),
        ("read('/mnt/data/ba.csv')", "read('ba.csv')"),
        ('read("/mnt/data/my table\'s.csv")', 'read("../my table.csv")'),
        ("read('sandbox:/mnt/data/a.csv')", "read('sandbox:/mnt/data/a.csv')"),
        ("read('/mnt/data/b.csv')", "read('/mnt/data/b.csv')"),
        ("!head /mnt/data/a.csv", "!head /home/me/tables/a.csv"),
        ("!head /mnt/data/file-1", "!head /mnt/data/file-1"),
        ("read('/mnt/data/file-1')", "read('../my table.csv')"),
        ("read('/mnt/data/file-12')", "read('file-12')"),
    ],
)
def test_a_file_outside_of_the_folder_keeps_the_person_s_path(code: str, shown: str) -> None:
    paths = {
        "a.csv": "/home/me/tables/a.csv",
        "my table's.csv": "../my table.csv",
        "file-1": "../my table.csv",
        "b.csv": "/odd/'; import os; '/b.csv",
    }
    assert with_own_paths(code, paths) == shown


@pytest.mark.parametrize("move", ["os.chdir('/mnt/data/sub')", "%cd /mnt/data/sub", "cd sub"])
def test_code_that_moves_to_another_folder_gets_whole_paths(move: str) -> None:
    shown = with_own_paths(f"{move}\nread('/mnt/data/a.csv')", folder="/home/me")
    assert shown.endswith("\nread('/home/me/a.csv')") and "/mnt/data" not in shown
    # A folder that could end the literal is never written into code.
    odd = with_own_paths(f"{move}\nread('/mnt/data/a.csv')", folder="/home/'+x+'")
    assert odd.endswith("\nread('a.csv')")
