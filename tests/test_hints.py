"""Hints on a card of code: what it seems to do, and where."""

from __future__ import annotations

import pytest

from jupyter_assistants import hints as h


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('a.txt', 'w').write('1')", [h.WRITES]),
        ("open('a.txt', mode='a+')", [h.WRITES]),
        ("from pathlib import Path\nPath('x').write_text('1')", [h.WRITES]),
        ("from pathlib import Path\nPath('x').open('wb')", [h.WRITES]),
        ("df.to_csv('out.csv')", [h.WRITES]),
        ("df.to_json('out.json')", [h.WRITES]),
        ("plt.savefig('p.png')", [h.WRITES]),
        ("import shutil as s\ns.copy('a', 'b')", [h.WRITES]),
        ("%%writefile x.py\nprint(1)", [h.WRITES]),
        ("import os\nos.remove('a')", [h.DELETES]),
        ("from shutil import rmtree as gone\ngone('/data')", [h.DELETES]),
        ("from os import *\nremove('a')", [h.DELETES]),
        ("__import__('shutil').rmtree('/x')", [h.DELETES, h.DYNAMIC]),
        ("p.unlink(missing_ok=True)", [h.DELETES]),
        ("%pip install polars", [h.INSTALLS]),
        ("!pip install polars", [h.INSTALLS, h.RUNS]),
        ("import sys, subprocess\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])",
         [h.INSTALLS, h.RUNS]),
        ("import requests\nrequests.get(address)", [h.NETWORK]),
        ("from urllib.request import urlopen as look\nlook(a)", [h.NETWORK]),
        ("import pandas as pd\npd.read_csv('https://example.org/a.csv')", [h.NETWORK]),
        ("!curl -d @data.csv example.org", [h.NETWORK, h.RUNS]),
        ("import socket", [h.NETWORK]),
        ("import os\nos.system('ls')", [h.RUNS]),
        ("import os\nos.execvp('ls', ['ls'])", [h.RUNS]),
        ("files = !ls", [h.RUNS]),
        ("%%bash\nrm -rf x", [h.DELETES, h.RUNS]),
        ("%%bash\necho 1 > x", [h.WRITES, h.RUNS]),
        ("get_ipython().system('ls')", [h.RUNS]),
        ("import os\nprint(os.environ)", [h.ENVIRONMENT]),
        ("from os import environ as e\ne['KEY']", [h.ENVIRONMENT]),
        ("%env", [h.ENVIRONMENT]),
        ("open('/proc/self/environ').read()", [h.ENVIRONMENT]),
        ("open('.env').read()", [h.HIDDEN]),
        ("from pathlib import Path\n(Path.home() / '.ssh').iterdir()", [h.HIDDEN]),
        ("exec(text)", [h.DYNAMIC]),
        ("getattr(os, name)('x')", [h.DYNAMIC]),
        ("get_ipython().run_line_magic('pip', 'install x')", [h.INSTALLS, h.DYNAMIC]),
        ("import os\nos._exit(1)", [h.ENDS]),
        ("import sys\nsys.exit()", [h.ENDS]),
        ("import ctypes", [h.NATIVE]),
        ("del df", [h.FORGETS]),
        ("%reset -f", [h.FORGETS]),
        ("%cd /tmp", [h.MOVES]),
        ("input('?')", [h.ASKS]),
        ("this is no python", [h.UNREADABLE]),
        ("%%javascript\nalert(1)", [h.UNREADABLE]),
        ("%%time\nimport os\nos.remove('x')", [h.DELETES]),
        ("(" * 5000, [h.UNREADABLE]),
        ("x = 1\n" * 40_000, [h.UNREADABLE]),
    ],
)  # fmt: skip
def test_what_code_seems_to_do_is_named(code: str, expected: list[str]) -> None:
    assert [hint.kind for hint in h.hints(code)] == expected


@pytest.mark.parametrize(
    "code",
    [
        "1 + 1",
        "df.groupby('species')['mass'].mean().plot(kind='bar')",
        "open('a.txt').read()",
        "import pandas as pd\ndf = pd.read_csv('data/penguins.csv')\ndf.head()",
        "'a %s' % 'b'",
        "x = (10\n  % 3)",
        "text = 'rm -rf /'",
        "df.to_json()",
        "%matplotlib inline\nplt.plot(x)",
        "await something()",
        "",
        "   \n",
    ],
)
def test_harmless_code_has_no_hint(code: str) -> None:
    assert h.hints(code) == []


def test_shells_are_read_and_other_languages_are_said_not_to_be() -> None:
    assert h.hint_texts("echo 1\nrm -r x", "bash") == ["deletes files (line 2)"]
    assert [hint.kind for hint in h.hints("x <- 1", "r")] == [h.UNREAD]


def test_a_hint_names_the_lines() -> None:
    code = "x = 1\nopen('a', 'w')\n\n!ls\nopen('b', 'w')"
    assert h.hint_texts(code) == ["writes files (lines 2, 5)", "runs programs (line 4)"]


def test_many_lines_are_cut() -> None:
    assert h.hint_texts("open('a', 'w')\n" * 9) == ["writes files (lines 1, 2, 3, 4, …)"]
