"""A promoted notebook says which files have to lie beside it."""

from __future__ import annotations

from pathlib import Path

from jupyter_assistants.client.clean_cells import missing_files


def test_files_that_are_not_where_the_notebook_looks_are_named(tmp_path: Path) -> None:
    (tmp_path / "here.csv").touch()
    (tmp_path / "whole.csv").touch()
    cells = {"files": ["here.csv", "data/gone.csv", str(tmp_path / "whole.csv"), "gone.csv"]}
    told = missing_files(cells, tmp_path / "clean.ipynb")
    assert told == "To run it, put beside it what it reads: data/gone.csv, gone.csv."
    assert missing_files({"files": ["here.csv"]}, tmp_path / "clean.ipynb") == ""
    assert missing_files({}, tmp_path / "clean.ipynb") == ""
