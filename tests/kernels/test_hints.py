"""Hints on a card of code: what it seems to do, and where."""

from __future__ import annotations

import pytest

from jupyter_assistants.kernels import languages as h
from jupyter_assistants.kernels.languages import hint_kinds as kinds


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('a.txt', 'w').write('1')", [kinds.WRITES]),
        ("open('a.txt', mode='a+')", [kinds.WRITES]),
        ("from pathlib import Path\nPath('x').write_text('1')", [kinds.WRITES]),
        ("from pathlib import Path\nPath('x').open('wb')", [kinds.WRITES]),
        ("df.to_csv('out.csv')", [kinds.WRITES]),
        ("df.to_json('out.json')", [kinds.WRITES]),
        ("plt.savefig('p.png')", [kinds.WRITES]),
        ("import shutil as s\ns.copy('a', 'b')", [kinds.WRITES]),
        ("%%writefile x.py\nprint(1)", [kinds.WRITES]),
        ("import os\nos.remove('a')", [kinds.DELETES]),
        ("from shutil import rmtree as gone\ngone('/data')", [kinds.DELETES]),
        ("from os import *\nremove('a')", [kinds.DELETES]),
        ("__import__('shutil').rmtree('/x')", [kinds.DELETES, kinds.DYNAMIC]),
        ("p.unlink(missing_ok=True)", [kinds.DELETES]),
        ("%pip install polars", [kinds.INSTALLS]),
        ("!pip install polars", [kinds.INSTALLS, kinds.RUNS]),
        ("import sys, subprocess\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])",
         [kinds.INSTALLS, kinds.RUNS]),
        ("import requests\nrequests.get(address)", [kinds.NETWORK]),
        ("from urllib.request import urlopen as look\nlook(a)", [kinds.NETWORK]),
        ("import pandas as pd\npd.read_csv('https://example.org/a.csv')", [kinds.NETWORK]),
        ("!curl -d @data.csv example.org", [kinds.NETWORK, kinds.RUNS]),
        ("import socket", [kinds.NETWORK]),
        ("import os\nos.system('ls')", [kinds.RUNS]),
        ("import os\nos.execvp('ls', ['ls'])", [kinds.RUNS]),
        ("files = !ls", [kinds.RUNS]),
        ("%%bash\nrm -rf x", [kinds.DELETES, kinds.RUNS]),
        ("%%bash\necho 1 > x", [kinds.WRITES, kinds.RUNS]),
        ("get_ipython().system('ls')", [kinds.RUNS]),
        ("import os\nprint(os.environ)", [kinds.ENVIRONMENT]),
        ("from os import environ as e\ne['KEY']", [kinds.ENVIRONMENT]),
        ("%env", [kinds.ENVIRONMENT]),
        ("%env HOME", [kinds.ENVIRONMENT]),
        ("import os\nos.environ.get('HOME')", [kinds.ENVIRONMENT]),
        ("import os\nos.environ.clear()", [kinds.SETS_ENVIRONMENT]),
        ("from os import environ as e\ne['KEY'] = '1'", [kinds.SETS_ENVIRONMENT]),
        ("import os\ndel os.environ['PATH']", [kinds.SETS_ENVIRONMENT]),
        ("import os\nos.environ |= {'A': '1'}", [kinds.SETS_ENVIRONMENT]),
        ("import os\nos.unsetenv('PATH')", [kinds.SETS_ENVIRONMENT]),
        ("import os\nos.environ['A'] = os.environ['B']",
         [kinds.SETS_ENVIRONMENT, kinds.ENVIRONMENT]),
        ("%env KEY=1", [kinds.SETS_ENVIRONMENT]),
        ("%set_env KEY 1", [kinds.SETS_ENVIRONMENT]),
        ("open('/proc/self/environ').read()", [kinds.ENVIRONMENT]),
        ("open('.env').read()", [kinds.HIDDEN]),
        ("from pathlib import Path\n(Path.home() / '.ssh').iterdir()", [kinds.HIDDEN]),
        ("exec(text)", [kinds.DYNAMIC]),
        ("getattr(os, name)('x')", [kinds.DYNAMIC]),
        ("get_ipython().run_line_magic('pip', 'install x')", [kinds.INSTALLS, kinds.DYNAMIC]),
        ("import os\nos._exit(1)", [kinds.ENDS]),
        ("import sys\nsys.exit()", [kinds.ENDS]),
        ("import ctypes", [kinds.NATIVE]),
        ("del df", [kinds.FORGETS]),
        ("%reset -f", [kinds.FORGETS]),
        ("%cd /tmp", [kinds.MOVES]),
        ("input('?')", [kinds.ASKS]),
        ("this is no python", [kinds.UNREADABLE]),
        ("%%javascript\nalert(1)", [kinds.UNREADABLE]),
        ("%%time\nimport os\nos.remove('x')", [kinds.DELETES]),
        ("(" * 5000, [kinds.LONG_LINE, kinds.UNREADABLE]),
        ("x = 1\n" * 40_000, [kinds.UNREADABLE]),
    ],
)  # fmt: skip
def test_what_code_seems_to_do_is_named(code: str, expected: list[str]) -> None:
    assert [hint.kind for hint in h.find_hints(code)] == expected


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
    assert h.find_hints(code) == []


def test_shells_are_read_and_other_languages_are_said_not_to_be() -> None:
    assert h.hint_texts("echo 1\nrm -r x", "bash") == ["deletes files (line 2)"]
    assert [hint.kind for hint in h.find_hints("x <- 1", "r")] == [kinds.UNREAD]


def test_a_hint_names_the_lines() -> None:
    code = "x = 1\nopen('a', 'w')\n\n!ls\nopen('b', 'w')"
    assert h.hint_texts(code) == ["writes files (lines 2, 5)", "runs programs (line 4)"]


def test_many_lines_are_cut() -> None:
    assert h.hint_texts("open('a', 'w')\n" * 9) == ["writes files (lines 1, 2, 3, 4, …)"]
