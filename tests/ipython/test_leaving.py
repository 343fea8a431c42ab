"""What leaves a notebook's kernel: what the variables are, and no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.kernel_session import KernelSession, kernel_session
from support.upstream import Reply, Upstream, streamed

from jupyter_assistants.models.notebook_block import without_context

pytestmark = pytest.mark.slow

PASSWORD = "correct-horse-battery"
KEY = "sk-" + "a1B2" * 10
SECRETS = [PASSWORD, KEY]
CODE = """
import os, sys
print(os.environ["WAREHOUSE_PASSWORD"], open(".env").read())
print(found, file=sys.stderr)
from IPython.display import display, Markdown
display(Markdown("the key is **" + found + "**"))
{"key": found}
"""


def calling(code: str) -> Reply:
    function = {"name": "run_python", "arguments": json.dumps({"code": code})}
    called = {"index": 0, "id": "call_1", "type": "function", "function": function}
    return streamed({"tool_calls": [called]}, finish="tool_calls")


def reply(body: dict[str, Any]) -> Reply:
    newest = body["messages"][-1]
    if newest["role"] == "user" and "show" in without_context(newest["content"]):
        return calling(CODE)
    if newest["role"] == "user" and "table" in without_context(newest["content"]):
        return calling("import pandas as pd\npd.DataFrame({'n': range(2)})")
    return streamed({"content": "Done."})


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(streamed({"content": "Done."}), choose=reply) as started:
        yield started


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def kernel(
    upstream: Upstream, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KernelSession]:
    folder = tmp_path_factory.mktemp("notebook")
    (folder / ".env").write_text(f"KEY={KEY}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(home))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "m")
        patch.setenv("OPENAI_BASE_URL", upstream.url)
        patch.setenv("OPENAI_API_KEY", "not-in-a-prompt")
        patch.setenv("WAREHOUSE_PASSWORD", PASSWORD)
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(folder) as session:
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            session.run(
                f"import pandas as pd\nfound = {KEY!r}\n"
                f"sales = pd.DataFrame({{'amount': [1, 2], {KEY!r}: ['x', {PASSWORD!r}]}})"
            )
            yield session


def last(upstream: Upstream) -> str:
    """The text of the newest request's last user message."""
    messages = upstream.received[-1].body["messages"]
    return str([m for m in messages if m["role"] == "user"][-1]["content"])


def test_the_model_is_told_of_the_variables_and_of_the_kernel(
    kernel: KernelSession, upstream: Upstream
) -> None:
    ran = kernel.run("%%assistant --new\nhello")
    assert ran.status == "ok", ran.outputs
    told = last(upstream)
    assert told.startswith("<notebook_context ") and told.endswith("\n</notebook_context>\n\nhello")
    assert "[variables]\n- sales: DataFrame 2 rows x 2 columns: amount (int" in told
    assert "- found: str, 43 characters" in told
    system = upstream.received[-1].body["messages"][0]["content"]
    assert "Python 3." in system and "pandas " in system
    assert "sales" not in kernel.run("%assistant show").saved()[0]


def test_the_model_is_told_of_the_cells_that_ran_before_once_and_masked(
    kernel: KernelSession, upstream: Upstream
) -> None:
    kernel.run(f"limit = 17\npassword = 'correct horse'\nlogin = {KEY!r}")
    kernel.run("limit = 17 + 1\nlimit")
    kernel.run("limit = 17 + 1\nlimit")
    kernel.run("%%assistant --new\nfirst question")
    told = last(upstream)
    assert told.count("limit = 17 + 1") == 1 and "limit = 17\n" in told
    assert told.index("limit = 17\n") < told.index("limit = 17 + 1") < told.index("[variables]")
    assert "correct horse" not in told and KEY not in told
    assert "%%assistant" not in told and "%load_ext" not in told
    assert "output:" not in told, "outputs are values"
    kernel.run("later = limit + 1")
    kernel.run("%%assistant\nsecond question")
    told = last(upstream)
    assert "later = limit + 1" in told and "17 + 1" not in told and "first question" not in told
    assert "- later: int" in told and "- limit" not in told


def test_outputs_of_cells_are_told_where_rows_are(
    kernel: KernelSession, upstream: Upstream
) -> None:
    kernel.run("print('printed'); 40 + 2")
    kernel.run("%config AssistantMagics.context_rows = 2")
    try:
        kernel.run("%%assistant --new\nhello")
    finally:
        kernel.run("%config AssistantMagics.context_rows = 0")
    told = last(upstream)
    assert "output:\n" in told and "42" in told.partition("40 + 2")[2]


def test_nothing_is_told_of_the_variables_where_that_is_off(
    kernel: KernelSession, upstream: Upstream
) -> None:
    kernel.run("%%assistant --new --no-context\nhello")
    assert last(upstream) == "hello"
    kernel.run("%config AssistantMagics.context = False")
    kernel.run("%%assistant --new\nhello")
    assert last(upstream) == "hello"
    kernel.run("%config AssistantMagics.context = True")
    kernel.run("%config AssistantMagics.context_rows = 1")
    kernel.run("%%assistant --new\nhello")
    kernel.run("%config AssistantMagics.context_rows = 0")
    assert "\n    0       1" in last(upstream)


def test_planted_secrets_are_in_no_request_no_notebook_and_no_database(
    kernel: KernelSession, upstream: Upstream, home: Path
) -> None:
    kernel.run("%config AssistantMagics.context_rows = 5")
    ran = kernel.run("%%assistant --new --yes\nshow what {found} and {sales} are")
    kernel.run("%config AssistantMagics.context_rows = 0")
    assert ran.status == "ok", ran.reply
    shown = kernel.run("%assistant show")
    sent = json.dumps([each.body for each in upstream.received], ensure_ascii=False)
    (output,) = [
        m["content"] for m in upstream.received[-1].body["messages"] if m["role"] == "tool"
    ]
    assert output.count("[secret removed]") == 4 and "KEY=" in output
    stored = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    places = {"requests": sent, "notebook": str([ran.messages, shown.messages])}
    places["database"] = stored.decode("utf-8", "ignore")
    assert "run_python" in places["database"]
    for place, text in places.items():
        assert not [secret for secret in SECRETS if secret in text], place


def test_the_model_reads_a_table_as_csv_and_the_notebook_stores_it_as_it_was(
    kernel: KernelSession, upstream: Upstream
) -> None:
    ran = kernel.run("%%assistant --new --yes\ntable")
    assert ran.status == "ok", ran.outputs
    outputs = [m["content"] for m in upstream.received[-1].body["messages"] if m["role"] == "tool"]
    assert outputs[-1].startswith("[table: 2 rows x 1 columns; types: n int64]\nn\n0\n1")
    assert "vnd.jupyter-assistants.table" not in str(ran.outputs)
    assert "[table: 2 rows" not in str(ran.saved())
    after = kernel.run("import pandas as pd\npd.DataFrame({'n': range(2)})")
    assert set(after.outputs[-1]["data"]) == {"text/plain", "text/html"}
