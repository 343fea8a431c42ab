"""``%assistant promote``, ``export`` and ``program`` in a real kernel."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import nbformat
import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession

CODES = [
    "import pandas as pd\ntable = pd.read_csv('/mnt/data/numbers.csv')\nprint(table.wrong)",
    "total = table['n'].sum()\nprint('total', total, total / 7)",
    "import matplotlib.pyplot as plt\nplt.plot(table['n']);",
]


@pytest.fixture(scope="module")
def kernel(coder_kernel: KernelSession, coder_folder: Path) -> KernelSession:
    (coder_folder / "numbers.csv").write_text("n\n1\n2\n3\n")
    asked = f"%%assistant --new --yes\nadd the numbers\n{blocks(*CODES, answer='It is 6.')}"
    assert coder_kernel.run(asked).status == "ok"
    return coder_kernel


def test_promote_writes_clean_cells_and_says_which_outputs_agree(
    kernel: KernelSession, coder_folder: Path
) -> None:
    ran = kernel.run("%assistant promote clean.ipynb --check", timeout=60)
    wrote, verdicts = ran.saved()
    assert wrote == "Wrote clean.ipynb: 4 cells (1 failed attempt left out)."
    assert verdicts.count("agrees") == 4 and "differs" not in verdicts
    cells = nbformat.read(coder_folder / "clean.ipynb", 4).cells
    assert [cell.source for cell in cells[1:]] == [
        "import pandas as pd\nimport matplotlib.pyplot as plt",
        "table = pd.read_csv('numbers.csv')",
        "total = table['n'].sum()\nprint('total', total, total / 7)",
        "plt.plot(table['n']);",
    ]
    assert "> add the numbers" in cells[0].source and "run_" in cells[0].source
    assert "total 6" in cells[3].outputs[0].text
    assert "image/png" in cells[4].outputs[-1].data
    assert not [path for path in coder_folder.iterdir() if path.name.startswith("check")]


def test_check_says_what_differs(kernel: KernelSession) -> None:
    kernel.run("secret_number = 42")
    kernel.run(f"%%assistant --yes\n{blocks('print(secret_number)')}")
    said = kernel.run("%assistant promote other.ipynb --check", timeout=60).saved()[-1]
    assert "differs" in said and "name 'secret_number' is not defined" in said


def test_nothing_is_written_over_without_force(kernel: KernelSession) -> None:
    kernel.run("open('there.ipynb', 'w').write('mine')")
    ran = kernel.run("%assistant promote there.ipynb")
    assert "exists already: use another name, or --force" in ran.reply["evalue"]
    assert kernel.run("print(open('there.ipynb').read())").text == "mine\n"
    assert kernel.run("%assistant promote there.ipynb --force").status == "ok"


def test_in_a_notebook_the_code_goes_to_the_next_cell_and_is_shown_too(
    kernel: KernelSession,
) -> None:
    kernel.run("secret_number = 42")
    kernel.run(f"%%assistant --yes\n{blocks('print(secret_number)')}")
    ran = kernel.run("%assistant promote", answers=[], cell_id="a-cell")
    [payload] = ran.reply["payload"]
    assert payload["source"] == "set_next_input" and "print(secret_number)" in payload["text"]
    assert "sent to the cell below" in ran.saved()[0] and "print(secret_number)" in ran.saved()[0]


@pytest.mark.parametrize("name", ["talk.ipynb", "talk.md", "talk.json"])
def test_export_writes_the_thread(kernel: KernelSession, coder_folder: Path, name: str) -> None:
    assert kernel.run(f"%assistant export {name}").saved() == [f"Wrote {name}."]
    text = (coder_folder / name).read_text()
    assert "It is 6." in text and "read_csv" in text
    if not name.endswith(".md"):
        json.loads(text)


def test_export_names_the_formats_it_has(kernel: KernelSession) -> None:
    assert ".ipynb, .md, .json" in kernel.run("%assistant export talk.pdf").reply["evalue"]


def test_the_assistant_is_shown_as_a_program(kernel: KernelSession) -> None:
    source = kernel.run("%assistant program").saved()[0]
    ast.parse(source)
    assert 'name="notebook"' in source and "sk-of-the-endpoint" not in source
    assert "new OpenAI" in kernel.run("%assistant program javascript").saved()[0]
    assert "invalid choice: 'cobol'" in kernel.run("%assistant program cobol").reply["evalue"]
