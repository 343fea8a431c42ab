"""The example notebooks, run as people run them; the report without a model or a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from support.live_server import lean
from support.paths import EXAMPLES

DATA = EXAMPLES / "data"

pytestmark = pytest.mark.slow


def folder_of(folder: Path) -> Path:
    """Put all that the examples need into a folder."""
    shutil.copytree(DATA, folder / "data")
    for path in [*EXAMPLES.glob("*.ipynb"), *EXAMPLES.glob("*.json")]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return folder_of(tmp_path)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """Return the teacher's folder and the cells of their lesson, executed with a model."""
    work = folder_of(tmp_path_factory.mktemp("teacher"))
    return work, executed(work, "lesson.ipynb", "execute")


def executed(work: Path, name: str, tool: str = "papermill", **environ: str) -> list[Any]:
    """Execute a notebook and give its code cells."""
    command = {
        "papermill": ["papermill", name, "out.ipynb"],
        "execute": ["jupyter", "execute", name, "--output", "out.ipynb"],
    }[tool]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "JUPYTER", "JPY_"))}
    home = {"HOME": str(work / "home"), "JUPYTER_ASSISTANTS_DATA_DIR": str(work / "store")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=work,
        env=lean({**kept, **home, **environ}),
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(work / "out.ipynb", as_version=4).cells
    assert not [o for c in cells for o in c.get("outputs", []) if o.output_type == "error"]
    return [cell for cell in cells if cell.cell_type == "code"]


def shown(cells: list[Any], beginning: str) -> str:
    """Return what the cell that has this text shows, as text."""
    cell = next(cell for cell in cells if beginning in cell.source)
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
    return "\n".join(texts)


def test_the_analysis_goes_back_and_forth_and_becomes_a_clean_notebook(work: Path) -> None:
    cells = executed(work, "analysis.ipynb")
    weather = pd.read_csv(DATA / "seattle-weather.csv")
    written = pd.read_csv(work / "temp_by_weather.csv", index_col="weather").iloc[:, 0]
    expected = weather.groupby("weather")["temp_max"].mean()
    pd.testing.assert_series_equal(written, expected, check_names=False)
    assert "new file temp_by_weather.csv · %assistant undo 2" in shown(cells, "mean temp_max")
    assert "removed" in shown(cells, "%assistant undo")
    assert shown(cells, 'rain_by_month.csv").exists()') == "(False, False)"
    assert "differs" not in shown(cells, "promote") and "agrees" in shown(cells, "promote")
    clean = nbformat.read(work / "wind.ipynb", as_version=4).cells
    assert clean[1].source.startswith("import pandas as pd")
    assert "maximum wind by weather" in (work / "talk.md").read_text()


def test_the_lesson_runs_and_its_check_passes(lesson: tuple[Path, list[Any]]) -> None:
    _, cells = lesson
    assert "Right. Within one species" in shown(cells, "This cell checks")
    assert "tutor" in shown(cells, "histogram of body")


def test_a_class_runs_the_teachers_recording_of_the_lesson(
    lesson: tuple[Path, list[Any]], work: Path
) -> None:
    # What the teacher hands out is the notebook with its outputs.
    shutil.copy(lesson[0] / "out.ipynb", work / "lesson.ipynb")
    nowhere = {"JUPYTER_ASSISTANTS_REPLAY": "1", "OPENAI_BASE_URL": "http://127.0.0.1:9"}
    cells = executed(work, "lesson.ipynb", **nowhere)
    for question in ("mean body_mass_g", "histogram of body", "how many penguins"):
        assert "Replayed: every output agrees" in shown(cells, question)
    assert "Right. Within one species" in shown(cells, "This cell checks")


def test_the_report_is_reproduced_from_its_recording(work: Path) -> None:
    cells = executed(work, "report.ipynb", OPENAI_BASE_URL="http://127.0.0.1:9")
    for question in ("describe the columns", "yearly mean of CO2"):
        assert "Replayed: every output agrees" in shown(cells, question)
    co2 = pd.read_csv(DATA / "co2-concentration.csv", parse_dates=["Date"])
    yearly = co2.groupby(co2["Date"].dt.year)["CO2"].mean()
    written = pd.read_csv(work / "co2_by_year.csv", index_col=0).iloc[:, 0]
    assert written.to_list() == pytest.approx(yearly.to_list())
    rise = yearly.diff()
    assert f"{rise[rise.index // 10 == 201].mean():.2f}" in shown(cells, "rise =")
    assert not (work / "store").exists(), "a replay needs no database"


def test_the_report_says_when_the_data_are_others(work: Path) -> None:
    data = work / "data" / "co2-concentration.csv"
    lines = data.read_text().splitlines()
    data.write_text("\n".join([*lines[:-1], lines[-1].replace("4", "9")]))
    cells = executed(work, "report.ipynb")
    assert "difference" in shown(cells, "describe the columns")
