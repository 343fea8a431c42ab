"""``%%assistant`` and ``%assistant`` in a real kernel, with the demo model."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_session import KernelSession, Ran, kernel_session
from support.paths import DATA

QUESTION = "mean body_mass_g by species, plot it and save as summary.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copy(DATA / "penguins.csv", folder)
    return folder


@pytest.fixture(scope="module")
def kernel(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(folder) as session:
            session.run("import sys; before = set(sys.modules)")
            loaded = session.run(
                "%load_ext jupyter_assistants\n"
                "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
            )
            assert loaded.status == "ok"
            session.loaded = loaded.json  # type: ignore[attr-defined]
            yield session


def error_of(ran: Ran) -> str:
    assert ran.status == "error"
    [error] = ran.of("error")
    assert len(error["traceback"]) == 1
    return str(error["evalue"])


def test_loading_imports_the_standard_library_and_what_ipykernel_brings(
    kernel: KernelSession,
) -> None:
    """How long it takes is a figure of benchmarks/load_time.py."""
    packages = {name.partition(".")[0] for name in kernel.loaded}  # type: ignore[attr-defined]
    assert packages - sys.stdlib_module_names == {"IPython", "jupyter_assistants"}
    rooms = {".".join(name.split(".")[:2]) for name in kernel.loaded}  # type: ignore[attr-defined]
    assert not rooms & {f"jupyter_assistants.{room}" for room in ("api", "runs", "tools", "models")}


@pytest.fixture(scope="module")
def analysis(kernel: KernelSession) -> Ran:
    return kernel.run(f"%%assistant --new --yes --file penguins.csv -o answer\n{QUESTION}")


def test_an_analysis_shows_cards_a_plot_the_answer_and_its_file(
    analysis: Ran, folder: Path
) -> None:
    assert analysis.status == "ok"
    shown = [sorted(output["data"]) for output in analysis.outputs]
    card = ["text/html", "text/markdown", "text/plain"]
    assert shown[-4:] == [card, ["image/png", "text/plain"], ["text/markdown", "text/plain"], card]
    assert "<summary>What is sent to the model" in analysis.outputs[0]["data"]["text/html"]
    assert analysis.outputs[1]["data"]["text/html"].startswith("<details><summary>Ran Python · ")
    answer = analysis.outputs[-2]["data"]["text/markdown"]
    assert "Gentoo" in answer and "[summary.csv](summary.csv)" in answer
    assert (
        '<a href="summary.csv" download="summary.csv">' in analysis.outputs[-1]["data"]["text/html"]
    )
    assert (folder / "summary.csv").read_text().startswith("species,")


def test_every_output_says_which_run_it_is_of(analysis: Ran) -> None:
    marks = [output["metadata"]["jupyter_assistants"] for output in analysis.outputs]
    assert all(sorted(mark) == ["model", "run_id", "thread_id"] for mark in marks[:-1])
    assert sorted(marks[-1]) == ["model", "recording", "run_id", "thread_id"]
    assert len({mark["run_id"] for mark in marks}) == 1


def test_code_runs_in_the_users_namespace(kernel: KernelSession, analysis: Ran) -> None:
    assert kernel.run("print(len(penguins))").text == "344\n"


def test_the_answer_is_kept_in_a_variable(kernel: KernelSession, analysis: Ran) -> None:
    ran = kernel.run("print('Gentoo' in answer, answer.files, answer.thread_id[:7])")
    assert ran.text == "True ('summary.csv',) thread_\n"


def test_the_next_cell_continues_the_thread(kernel: KernelSession, analysis: Ran) -> None:
    ran = kernel.run("%%assistant --yes\nhello")
    before = analysis.outputs[0]["metadata"]["jupyter_assistants"]["thread_id"]
    assert ran.outputs[-1]["metadata"]["jupyter_assistants"]["thread_id"] == before
    other = kernel.run("%%assistant --new\nhello")
    assert other.outputs[-1]["metadata"]["jupyter_assistants"]["thread_id"] != before


def test_a_file_from_elsewhere_is_read_where_it_is(kernel: KernelSession, folder: Path) -> None:
    ran = kernel.run(f"%%assistant --new --yes --file {DATA}/seattle-weather.csv\nhow many rows?")
    assert ran.status == "ok"
    assert not (folder / "seattle-weather.csv").exists()
    assert "was copied to" not in ran.saved()[-1] and "1461" in "".join(ran.saved())


def test_without_approval_the_error_names_the_option(kernel: KernelSession) -> None:
    ran = kernel.run(f"%%assistant --new --file penguins.csv\n{QUESTION}")
    assert "%%assistant --yes" in error_of(ran)
    assert kernel.run("%%assistant\nhello").status == "ok"  # the thread is free again


def test_rejected_code_does_not_run_and_the_card_says_why(kernel: KernelSession) -> None:
    ran = kernel.run(
        f"%%assistant --new --file penguins.csv\n{QUESTION}", answers=["n because", "n", "n"]
    )
    assert ran.saved()[1].startswith("Did not run Python · rejected")
    assert "because" in ran.saved()[1]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%%assistant --modle x\nhi", "There is no option --modle; did you mean --model?"),
        ("%%assistant --file pengins.csv\nhi", "no such file; did you mean penguins.csv?"),
        ("%%assistant --file .\nhi", "this is a folder"),
        ("%%assistant nobody\nhi", "There is no assistant 'nobody'"),
        (
            "%%assistant --thread nothing\nhi",
            "No thread found with id 'nothing'. It is not in the data folder of",
        ),
        ("%%assistant --timeout x\nhi", "not a number of seconds: x"),
        ("%%assistant --instructions 'a\nhi", "A quotation mark is not closed"),
        ("%%assistant\n ", "The prompt is empty"),
        ("%%assistant --new --thread x\nhi", "use one of them"),
        ("%%assistant -o 1x\nhi", "not a name for a variable"),
        ("%assistant lst", "%assistant has no word lst; did you mean list?"),
        ("%assistant explain this", "begin the cell with %%assistant"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    kernel: KernelSession, cell: str, text: str
) -> None:
    assert text in error_of(kernel.run(cell))


def test_variables_are_put_into_the_prompt_and_cuts_are_told(kernel: KernelSession) -> None:
    kernel.run("import pandas as pd; big = pd.DataFrame({'n': range(99)})")
    ran = kernel.run("%%assistant --new --yes\nWhat is {big}?")
    assert "{big}: the first 5 of 99 rows" in ran.saved()[-1]
    thread = ran.outputs[-1]["metadata"]["jupyter_assistants"]["thread_id"]
    shown = kernel.run(f"%assistant show {thread}")
    assert "DataFrame: 99 rows x 1 columns" in shown.saved()[0]


def test_raw_sends_the_prompt_as_it_is(kernel: KernelSession) -> None:
    kernel.run("x = 'value'")
    kernel.run("%%assistant --new --raw\nWhat is {x}?")
    assert "What is {x}?" in kernel.run("%assistant show").saved()[0]


def test_assistants_are_made_listed_and_used(kernel: KernelSession) -> None:
    assert (
        "Created tutor" in kernel.run("%assistant new tutor --instructions 'Be brief'").saved()[0]
    )
    assert "tutor" in kernel.run("%assistant list").saved()[0]
    assert kernel.run("%assistant use notebook").status == "ok"
    assert "tutor" in kernel.run("%%assistant tutor --new\nhello").saved()[-1]


@pytest.mark.parametrize("word", ["threads", "files", "status", "thread", "help", ""])
def test_every_word_shows_something(kernel: KernelSession, word: str) -> None:
    [text] = kernel.run(f"%assistant {word}").saved()
    assert text.strip()


def test_status_says_where_runs_go_and_why(kernel: KernelSession) -> None:
    [text] = kernel.run("%assistant status").saved()
    assert "this process (no Jupyter server)" in text
    assert "no Jupyter server started this process" in text or "running server" in text


def test_stop_cancels_the_run_and_the_thread_is_free(kernel: KernelSession) -> None:
    ran = kernel.run(
        f"%%assistant --new --file penguins.csv\n{QUESTION}",
        answers=[],
        on_question=kernel.manager.interrupt_kernel,
    )
    assert ran.status == "error" and ran.reply["ename"] == "KeyboardInterrupt"
    assert ran.saved()[-1].startswith("Cancelled · ")
    assert kernel.run("%%assistant\nhello").status == "ok"


def test_a_run_that_takes_too_long_is_cancelled(kernel: KernelSession) -> None:
    ran = kernel.run("%%assistant --new --timeout 0.001\nhello")
    assert "was cancelled after 0.001 s (--timeout)" in error_of(ran)


def test_the_plain_magic_works_where_input_transformers_are_bypassed(
    kernel: KernelSession,
) -> None:
    code = f"get_ipython().run_cell_magic('assistant', '--new --yes -f penguins.csv', {QUESTION!r})"
    ran = kernel.run(code)
    assert ran.status == "ok"
    assert "Gentoo" in ran.saved()[-2]


def test_help_documents_every_option_and_word(kernel: KernelSession) -> None:
    cell = kernel.run("print(get_ipython().find_cell_magic('assistant').__doc__)").text
    line = kernel.run("print(get_ipython().find_line_magic('assistant').__doc__)").text
    for option in ("--model", "--file", "--thread", "--new", "--yes", "--raw", "-o", "--timeout"):
        assert option in cell
    for word in ("list", "threads", "show", "files", "new", "thread", "use", "status", "stop"):
        assert f"    {word}" in line


@pytest.mark.usefixtures("analysis")  # leaves a thread whose id can be completed
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%%assistant --fi", "--file"),
        ("%%assistant --file peng", "penguins.csv"),
        ("%%assistant tut", "tutor"),
        ("%assistant sta", "status"),
        ("%assistant show thr", "thread_"),
        ("%assistant use not", "notebook"),
    ],
)
def test_tab_completes(kernel: KernelSession, code: str, expected: str) -> None:
    kernel.run("%assistant new tutor")
    # A thread to complete, also where this test is the first one of its worker.
    kernel.run("%%assistant tutor --new\nhello")
    reply = kernel.client.complete(code, len(code), reply=True, timeout=60)
    assert any(
        match.endswith(expected) or expected in match for match in reply["content"]["matches"]
    )


def test_what_will_be_sent_is_shown_once_in_a_thread(kernel: KernelSession) -> None:
    kernel.run("import pandas as pd; ages = pd.DataFrame({'age': [31, 44]}); api_key = 'abc-123'")
    first = kernel.run("%%assistant --new\nhello @ages")
    shown = [m["data"].get("text/html", "") for m in first.of_messages("display_data")]
    shown += [m["data"].get("text/html", "") for m in first.of_messages("update_display_data")]
    (before, *_) = [page for page in shown if "What is sent" in page]
    assert "[@ages]" in before and "1   44" in before and "hello @ages" in before
    assert "ages: DataFrame 2 rows" in before and "- api_key" not in before
    assert "ages = pd.DataFrame(" in before and "abc-123" not in before, "what ran before is sent"
    assert "<details><summary>What is sent" in first.outputs[0]["data"]["text/html"]
    second = kernel.run("%%assistant\nhello again")
    assert "What is sent" not in str(second.outputs)


def test_hidden_files_are_not_sent(kernel: KernelSession, folder: Path) -> None:
    (folder / ".env").write_text("TOKEN=1")
    ran = kernel.run("%%assistant --file .env\nhello")
    assert "hidden files are not sent" in error_of(ran)
