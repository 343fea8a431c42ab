"""Undo, promote, fix and replay by hand, in a real JupyterLab on the example notebooks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from support.browser import expect
from support.coding_model import blocks, coding
from support.lab import Lab, LabPage, start_lab
from support.paths import EXAMPLES

FIXED = "The name was wrong.\n\n```python\ntotal = 6\nprint(total / 2)\n```"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("examples")
    with coding({"A cell of my notebook failed": FIXED}) as upstream:
        environ = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "JUPYTER_ASSISTANTS_MODEL": "m",
        }
        with start_lab(folder, environ=environ) as started:
            shutil.copytree(EXAMPLES / "data", started.root / "data")
            for path in [*EXAMPLES.glob("*.ipynb"), *EXAMPLES.glob("*.json")]:
                shutil.copy(path, started.root)
            asked = blocks("df['a'] = 0\nfresh = 1", "fresh + 1", answer="The column is zero now.")
            started.write(
                "undo.ipynb",
                [
                    "%load_ext jupyter_assistants\nimport pandas as pd\n"
                    "df = pd.DataFrame({'a': [1, 2]})",
                    f"%%assistant --yes\n{asked}",
                    "print(df['a'].tolist(), 'fresh' in globals())",
                    "print(totl / 2)",
                    "%assistant fix --yes",
                ],
            )
            started.write(
                "promote.ipynb",
                [
                    "%load_ext jupyter_assistants\nimport pandas as pd\ndf = pd.DataFrame({'a': [1]})",
                    f"%%assistant --yes\n{asked}",
                    "%assistant promote",
                ],
            )
            yield started


def test_the_button_undoes_an_answer_and_fix_proposes_a_cell(notebook: LabPage) -> None:
    notebook.open("undo.ipynb")
    notebook.run(0)
    notebook.run(1)
    button = notebook.output(1).get_by_role("button", name="Undo changes")
    expect(button).to_be_visible()
    expect(notebook.output(1)).to_contain_text("New fresh · changed df · %assistant undo 1")
    notebook.screenshot("undo-offered")
    button.click()
    expect(notebook.output(1)).to_contain_text("Step 1 is undone: restored df; removed fresh.")
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)
    notebook.screenshot("undo-done")
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("[1, 2] False")
    notebook.start(3)
    notebook.wait_cell(3)
    notebook.run(4)
    expect(notebook.output(4)).to_contain_text("The name was wrong.")
    expect(notebook.output(4)).to_contain_text("+print(total / 2)")
    expect(notebook.cell(5).locator(".cm-content")).to_contain_text("print(total / 2)")
    notebook.cell(4).scroll_into_view_if_needed()
    notebook.screenshot("fix")


def test_promote_puts_the_code_into_the_cell_below_and_the_button_goes(notebook: LabPage) -> None:
    notebook.open("promote.ipynb")
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)
    expect(notebook.cell(3).locator(".cm-content")).to_contain_text("fresh + 1")
    notebook.screenshot("promoted")


@pytest.mark.parametrize("name", ["analysis", "lesson", "report"])
def test_an_example_looks_as_it_should(notebook: LabPage, name: str) -> None:
    notebook.open(f"{name}.ipynb")
    notebook.run_all(timeout=90)
    shown = notebook.page.locator(".jp-Notebook")
    expect(shown.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    expect(shown.locator("img").first).to_be_visible()
    count = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    for index in range(0, count, 4):
        notebook.cell(index).scroll_into_view_if_needed()
        notebook.screenshot(f"example-{name}-{index}")
