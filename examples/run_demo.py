"""Run quickstart.ipynb without a key and without a network, and show where the results are.

Usage: ``python examples/run_demo.py FOLDER``. The folder gets the executed notebook, an HTML page,
the plots as PNG files and the CSV files that the assistant wrote.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat

EXAMPLES = Path(__file__).parent
NOTEBOOK = "quickstart.ipynb"


def main(folder: Path) -> int:
    """Execute, convert, collect; give the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    work = folder / "work"
    shutil.copytree(EXAMPLES / "data", work / "data")
    shutil.copy(EXAMPLES / NOTEBOOK, work)
    print(f"Running {NOTEBOOK} with the demo model (rules, not an AI) …", flush=True)
    environ = {**os.environ, "JUPYTER_ASSISTANTS_DATA_DIR": str(folder.resolve() / "data")}
    environ["JUPYTER_ASSISTANTS_MODEL"] = "demo"
    for command in (
        ["execute", NOTEBOOK, "--inplace"],
        ["nbconvert", "--to", "html", "--log-level", "ERROR", NOTEBOOK],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "jupyter", *command],
            cwd=work,
            env=environ,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            return done.returncode
    notebook = nbformat.read(work / NOTEBOOK, as_version=4)
    collect(work, folder, notebook)
    transcript(notebook)
    where(folder)
    return 0


def collect(work: Path, folder: Path, notebook: nbformat.NotebookNode) -> None:
    """Move the page and the files up, and keep every plot as a PNG file."""
    given = {path.name for path in (work / "data").iterdir()}
    written = [path for path in work.glob("*.csv") if path.name not in given]
    for path in [work / NOTEBOOK, (work / NOTEBOOK).with_suffix(".html"), *written]:
        shutil.copy(path, folder)
    plots = [
        output["data"]["image/png"]
        for cell in notebook.cells
        if cell.source.startswith("%%assistant")
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    for number, plot in enumerate(plots, 1):
        (folder / f"plot_{number}.png").write_bytes(base64.b64decode(plot))


def transcript(notebook: nbformat.NotebookNode) -> None:
    """Print the questions and the answers."""
    for cell in notebook.cells:
        if not cell.source.startswith("%%assistant"):
            continue
        print(f"\nYou: {cell.source.partition(chr(10))[2]}")
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            if output["output_type"] == "display_data" and "image/png" not in output["data"]:
                print(textwrap.indent(text.strip(), "  "))


def where(folder: Path) -> None:
    """Print what to look at."""
    print(f"\nLook at {folder / 'quickstart.html'}")
    for path in sorted([*folder.glob("*.png"), *folder.glob("*.csv")]):
        print(f"    and {path} ({path.stat().st_size:,} bytes)")
    print("Open the notebook yourself with: make lab")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
