"""Clean cells: what worked, in order, with its imports first."""

from __future__ import annotations

from jupyter_assistants.api.clean_cells import Attempt, clean_cells


def error(line: int) -> list[dict[str, object]]:
    traceback = [f"----> {line} something", "NameError: x"]
    return [{"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": traceback}]


def sources(*executions: Attempt) -> list[str]:
    return [cell.source for cell in clean_cells(executions)[0]]


def test_imports_come_first_once_and_in_order() -> None:
    assert sources(
        Attempt("import pandas as pd\nx = 1", "ok"),
        Attempt(
            "from os import path\nimport pandas as pd, json\n\ny = 2\nfrom __future__ import annotations",
            "ok",
        ),
    ) == [
        "from __future__ import annotations\nimport pandas as pd\nfrom os import path\nimport json",
        "x = 1",
        "y = 2",
    ]


def test_failed_and_rejected_attempts_are_left_out_and_counted() -> None:
    ran = [
        Attempt("x = 1/0", "error", error(1)),
        Attempt("x = 2", "ok"),
        Attempt("rm()", "rejected"),
        Attempt("slow()", "timeout"),
    ]
    cells, left_out = clean_cells(ran)
    assert [cell.source for cell in cells] == ["x = 2"] and left_out == 3


def test_what_a_failed_attempt_made_before_it_failed_is_kept_if_it_is_needed() -> None:
    failed = "import pandas as pd\ndf = pd.DataFrame()\nprint(df)\ndf.nothing()\nlate = 1"
    assert sources(Attempt(failed, "error", error(4)), Attempt("df.head()", "ok")) == [
        "import pandas as pd",
        "df = pd.DataFrame()",
        "df.head()",
    ]
    assert sources(Attempt(failed, "error", error(4)), Attempt("df = 1\ndf", "ok")) == [
        "df = 1\ndf"
    ]


def test_imports_that_share_a_line_or_a_block_stay_where_they_are() -> None:
    code = "import os; x = 1\ntry:\n    import re\nexcept ImportError:\n    re = None"
    assert sources(Attempt(code, "ok")) == [code]


def test_the_mounted_folder_becomes_the_notebooks_own() -> None:
    assert sources(
        Attempt("open('/mnt/data/a.csv'); y = '/mnt/data'; z = '/mnt/database'", "ok")
    ) == ["open('a.csv'); y = '.'; z = '/mnt/database'"]


def test_code_that_is_not_python_stays_as_it_is() -> None:
    code = "%pip install x\nimport os"
    assert sources(Attempt(code, "ok"), Attempt("import re\nre", "ok")) == ["import re", code, "re"]


def test_outputs_stay_with_their_cell() -> None:
    shown = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    cells, _ = clean_cells([Attempt("import os\nprint(1)", "ok", [shown])])
    assert [cell.outputs for cell in cells] == [[], [shown]]
