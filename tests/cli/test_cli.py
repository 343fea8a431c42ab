"""``jupyter assistants`` as a person types it, with the demo model."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from support.coding_model import blocks, coding
from support.kernel_session import kernel_session
from support.live_server import LiveServer
from support.paths import DATA

from jupyter_assistants import __version__
from jupyter_assistants.cli.main import main

pytestmark = pytest.mark.slow

PENGUINS = DATA / "penguins.csv"
QUESTION = "mean body_mass_g by species, plot it and save as summary.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def environment(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(home))
    monkeypatch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
    monkeypatch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def test_an_answer_is_printed_and_its_files_are_saved(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["ask", QUESTION, "--file", str(PENGUINS), "--out", "results"]) == 0
    printed = capsys.readouterr().out
    assert "Gentoo" in printed and "saved results/summary.csv" in printed
    assert (tmp_path / "results" / "summary.csv").read_text().startswith("species,")
    assert (tmp_path / "results" / "plot-1.png").read_bytes().startswith(b"\x89PNG")


def test_a_thread_goes_on_and_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "hello", "--json"]) == 0
    view = json.loads(capsys.readouterr().out)
    thread = view["run"]["thread_id"]
    assert main(["ask", "hello again", "--thread", thread]) == 0
    capsys.readouterr()
    assert main(["show", thread]) == 0
    shown = capsys.readouterr().out
    assert shown.index("[user]\nhello\n") < shown.index("[assistant]")
    assert "[user]\nhello again\n" in shown


@pytest.fixture(scope="module")
def talk(home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a thread in which code was run, asked on the command line as the tests are."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(home))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        patch.chdir(tmp_path_factory.mktemp("talk"))
        assert main(["ask", QUESTION, "--file", str(PENGUINS), "--json"]) == 0
    return str(json.loads(printed.getvalue())["run"]["thread_id"])


def test_a_run_is_promoted_to_a_notebook_and_checked(
    talk: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "penguins.csv").write_bytes(PENGUINS.read_bytes())
    assert main(["promote", talk, "-o", "clean.ipynb", "--check"]) == 0
    printed = capsys.readouterr().out
    assert "wrote clean.ipynb: " in printed and "0 attempts left out" in printed
    assert "agrees" in printed and "differs" not in printed
    cells = nbformat.read(tmp_path / "clean.ipynb", 4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert "summary.csv" in code and "/mnt/data" not in code
    assert any("image/png" in o.get("data", {}) for cell in cells for o in cell.get("outputs", []))
    assert main(["promote", talk, "-o", "clean.ipynb"]) == 1
    assert "exists already: use another name, or --force" in capsys.readouterr().err
    assert main(["promote", talk, "-o", "clean.ipynb", "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cells"] == len(cells) - 1
    assert "put beside it" not in printed
    (tmp_path / "penguins.csv").unlink()
    assert main(["promote", talk, "-o", "other.ipynb"]) == 0
    assert "put beside it what it reads: penguins.csv." in capsys.readouterr().out


def test_a_check_whose_outputs_differ_has_its_own_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_ASSISTANTS_MODEL", "m")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-endpoint")
    failed, other = "print(nothing)", "import uuid\nprint('id', uuid.uuid4().hex)"
    with coding() as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        assert main(["ask", blocks(failed, other), "--yes", "--json"]) == 0
        run = json.loads(capsys.readouterr().out)["run"]
        command = ["promote", run["thread_id"], run["id"], "-o", "one.ipynb", "--check"]
        assert main(command) == 3
        printed = capsys.readouterr().out
        assert "wrote one.ipynb: 2 cells, 1 attempts left out" in printed
        assert "differs" in printed and "when it was recorded" in printed
        assert main([*command, "--force", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["check"]["agrees"] is False


@pytest.mark.parametrize("ending", ["ipynb", "md", "json"])
def test_a_thread_is_exported(
    talk: str, ending: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["export", talk, f"talk.{ending}"]) == 0
    assert capsys.readouterr().out == f"wrote talk.{ending}\n"
    text = (tmp_path / f"talk.{ending}").read_text()
    assert QUESTION in text and "read_csv" in text and "Gentoo" in text
    if ending == "ipynb":
        nbformat.validate(nbformat.read(tmp_path / "talk.ipynb", 4))
    assert main(["export", talk, f"talk.{ending}"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["export", talk, "talk.pdf"]) == 1
    assert ".ipynb, .md, .json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "sign"),
    [("python", "OpenAI("), ("javascript", "new OpenAI("), ("curl", "curl ")],
)
def test_an_assistant_is_printed_as_a_program(
    talk: str, language: str, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["program", "notebook", "--language", language]) == 0
    source = capsys.readouterr().out
    assert sign in source and "code_interpreter" in source
    if language == "python":
        compile(source, "program.py", "exec")
    assert main(["program", "notebook", "-l", language, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["source"].rstrip("\n") == source.rstrip("\n") and made["language"] == language


def test_a_run_is_recorded_and_its_code_runs_again(
    talk: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main(["record", talk, "-o", "talk.recording.json", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "completed" and said["recordings"] == 1
    assert main(["record", talk, said["run_id"], "-o", "talk.recording.json"]) == 0
    assert "Recorded a run with" in capsys.readouterr().out
    [made] = json.loads((tmp_path / "talk.recording.json").read_text())["recordings"]
    assert made["run_id"] == said["run_id"]
    assert main(["record", talk]) == 0
    assert (tmp_path / f"{made['run_id']}.recording.json").exists()
    (tmp_path / "penguins.csv").write_bytes(PENGUINS.read_bytes())
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "none"))
    with kernel_session(tmp_path) as kernel:
        kernel.run("%load_ext jupyter_assistants")
        played = kernel.run("%assistant replay talk.recording.json --yes --strict", timeout=60)
    assert played.status == "ok", played.outputs
    assert "Replayed: every output agrees" in played.saved()[-1]
    assert (tmp_path / "summary.csv").exists() and not (tmp_path / "none").exists()


def test_files_that_are_there_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("mine")
    assert main(["ask", QUESTION, "--file", str(PENGUINS)]) == 0
    assert (tmp_path / "summary.csv").read_text() == "mine"
    assert len(list(tmp_path.glob("summary-*.csv"))) == 1


@pytest.mark.parametrize("word", ["threads", "assistants", "models", "endpoints", "files"])
def test_lists_are_printed_as_tables_and_as_json(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word]) == 0
    assert capsys.readouterr().out.strip()
    assert main([word, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), list)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["export", "nothing", "a.md"], "No thread found with id 'nothing'."),
        (["record", "nothing"], "No thread found with id 'nothing'."),
        (["promote", "nothing"], "No thread found with id 'nothing'."),
        (["program", "nobody"], "There is no assistant 'nobody'"),
        (["show", "nothing"], "No thread found with id 'nothing'."),
        (["ask", "hi", "--file", "nope.csv"], "no such file"),
        (["ask", " "], "The prompt is empty."),
        (["ask", "hi", "--assistant", "nobody"], "There is no assistant 'nobody'"),
        (["connect", "nobody"], "No endpoint is called 'nobody'"),
        (["models", "--url", "http://127.0.0.1:9"], "127.0.0.1 does not answer"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert text in printed.err and printed.err.count("\n") == 1
    assert printed.out == ""


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["--version"])
    assert exit.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_a_running_server_is_used_when_it_is_named(
    assistants_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JUPYTER_ASSISTANTS_URL", assistants_server.root)
    monkeypatch.setenv("JUPYTER_ASSISTANTS_KEY", assistants_server.token)
    assert main(["ask", "hello", "--json"]) == 0
    thread = json.loads(capsys.readouterr().out)["run"]["thread_id"]
    monkeypatch.delenv("JUPYTER_ASSISTANTS_URL")
    assert main(["show", thread, "--url", assistants_server.root]) == 0


def test_the_doctor_looks_at_everything_and_starts_a_kernel(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    found = {each["id"]: each for each in report["checks"]}
    assert list(found)[:2] == ["server", "extension"]
    assert "A kernel started in" in found["kernel"]["detail"]
    assert {each["status"] for each in found.values()} <= {"ok", "warning"}


def test_the_doctor_finds_a_running_server_and_what_it_says(
    assistants_server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--url", assistants_server.root, "--token", assistants_server.token]
    assert main(["doctor", "--no-kernel", *given]) == 0
    printed = capsys.readouterr().out
    assert f"Found the Jupyter server at {assistants_server.root}" in printed
    assert "jupyter_assistants answers there" in printed
    assert "It was not started." in printed
    assert main(["doctor", "--json", *given]) == 0
    assert "started in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "token", "id", "remedy"),
    [
        ("http://127.0.0.1:9", "", "server", "jupyter server list"),
        ("", "wrong", "server", "JUPYTER_ASSISTANTS_KEY"),
        ("elsewhere", "", "extension", "jupyter server extension enable"),
    ],
)
def test_the_doctor_says_what_to_do_about_a_server(
    assistants_server: LiveServer,
    capsys: pytest.CaptureFixture[str],
    url: str,
    token: str,
    id: str,
    remedy: str,
) -> None:
    root = assistants_server.root
    address = {"": root, "elsewhere": f"{root}/elsewhere"}.get(url, url)
    given = token or assistants_server.token
    assert main(["doctor", "--json", "--url", address, "--token", given]) == 1
    [check] = json.loads(capsys.readouterr().out)["checks"]
    assert (check["id"], check["status"]) == (id, "problem")
    assert remedy in check["remedy"]


def test_the_doctor_tells_of_a_database_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "broken"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "assistants.db").write_text("no database at all, but long enough")
    assert main(["doctor", "--json"]) == 1
    [check] = json.loads(capsys.readouterr().out)["checks"]
    assert (check["id"], check["status"]) == ("database", "problem")
    assert "not a database" in check["detail"]
