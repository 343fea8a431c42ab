"""Files of the person in cells: what the model is told, what code reads and what they have are one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.coding_model import blocks
from support.kernel_session import KernelSession, Ran
from support.upstream import Upstream

pytestmark = pytest.mark.slow


def told(coder: Upstream) -> list[str]:
    """Return the lines of attached files that the model got with its last request."""
    messages = [m["content"] for m in coder.body["messages"] if m["role"] == "user"]
    texts = [text if isinstance(text, str) else text[0]["text"] for text in messages]
    lines = "\n".join(texts).splitlines()
    return [line.rpartition(" (")[0] for line in lines if line.startswith("- ") and " id " in line]


def sums(ran: Ran) -> str:
    assert ran.status == "ok", ran.outputs
    return "\n".join(ran.saved())


@pytest.mark.parametrize("again", ["--new", ""])
def test_a_changed_file_is_read_as_it_is_now(
    coder_kernel: KernelSession, coder: Upstream, coder_folder: Path, again: str
) -> None:
    table = coder_folder / "tables" / "numbers.csv"
    table.parent.mkdir(exist_ok=True)
    code = "import pandas as pd\nprint('sum', pd.read_csv('{}')['n'].sum())"
    names = set()
    for options, values, path in [("--new", (1, 2), "tables/"), (again, (10, 20), "/mnt/data/")]:
        table.write_text("n\n" + "\n".join(map(str, values)))
        asked = blocks(code.format(f"{path}numbers.csv"))
        ran = coder_kernel.run(f"%%assistant --yes {options} -f tables/numbers.csv\n{asked}")
        assert f"sum {sum(values)}" in sums(ran)
        names |= set(told(coder))
        # What is shown is what would run in their own cell.
        (step,) = [each["data"] for each in ran.outputs if "Ran Python" in str(each)]
        assert "/mnt/data" not in json.dumps(step)
        assert "read_csv('tables/numbers.csv')" in step["text/markdown"]
    assert names == {"- tables/numbers.csv"}
    assert not list(coder_folder.glob("numbers*"))


def test_a_file_above_the_folder_is_named_as_the_person_names_it(
    coder_kernel: KernelSession, coder: Upstream, coder_folder: Path
) -> None:
    above = coder_folder.parent / "it's above.csv"
    above.write_text("n\n5\n")
    code = 'import pandas as pd\nprint("sum", pd.read_csv("../it\'s above.csv")["n"].sum())'
    ran = coder_kernel.run(f'%%assistant --yes --new -f "../it\'s above.csv"\n{blocks(code)}')
    assert "sum 5" in sums(ran) and told(coder) == ["- ../it's above.csv"]


def test_the_recording_has_the_hash_of_what_code_read(
    coder_kernel: KernelSession, coder_folder: Path
) -> None:
    (coder_folder / "two.csv").write_text("n\n2\n")
    code = "import pandas as pd\nprint(len(pd.read_csv('/mnt/data/two.csv')))\nopen('two.csv', 'w')"
    ran = coder_kernel.run(f"%%assistant --yes --new -f two.csv\n{blocks(code)}")
    made: Any = ran.outputs[-1]["metadata"]["jupyter_assistants"]["recording"]
    assert made["inputs"] == [{"name": "two.csv", "sha256": made["inputs"][0]["sha256"]}]
    # Of the file before the code changed it.
    assert made["inputs"][0]["sha256"] == hashlib.sha256(b"n\n2\n").hexdigest()
    assert "read_csv('two.csv')" in made["entries"][0]["code"]
