"""Recordings, and cells that are played from them: no model, no key, no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.coding_model import FAILS, blocks
from support.kernel_session import KernelSession, Ran, kernel_session
from support.live_server import free_port

ASK = "%%assistant --new --yes --file numbers.csv\nadd the numbers\n" + blocks(
    "import pandas as pd\ntable = pd.read_csv('/mnt/data/numbers.csv')\nprint(table['n'].sum())",
    "table['n'].cumsum().to_csv('sums.csv')\nimport matplotlib.pyplot as plt\nplt.plot(table['n']);",
    answer="It is 6: [sums](sandbox:/mnt/data/sums.csv)",
)
AGAIN = ASK.replace("--new --yes", "--replay --yes")


@pytest.fixture(scope="module")
def recorded(coder_kernel: KernelSession, coder_folder: Path) -> Ran:
    (coder_folder / "numbers.csv").write_text("n\n1\n2\n3\n")
    ran = coder_kernel.run(ASK.replace("--yes", "--yes --record run.recording.json"))
    assert ran.status == "ok"
    return ran


@pytest.fixture(scope="module")
def recordings(recorded: Ran, coder_folder: Path) -> Any:
    return json.loads((coder_folder / "run.recording.json").read_text())


@pytest.fixture(scope="module")
def player(recordings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """A kernel that has recordings, and neither a model nor a database."""
    folder = tmp_path_factory.mktemp("player")
    (folder / "numbers.csv").write_text("n\n1\n2\n3\n")
    # The ending of earlier versions is still found.
    (folder / "run.cassette.json").write_text(json.dumps(recordings))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(folder / "no-database"))
        patch.setenv("JUPYTER_ASSISTANTS_URL", f"http://127.0.0.1:{free_port()}")
        patch.delenv("OPENAI_API_KEY", raising=False)
        with kernel_session(folder) as session:
            session.folder = folder  # type: ignore[attr-defined]
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            yield session


def test_a_recording_stands_in_the_output_and_in_the_file(recorded: Ran, recordings: Any) -> None:
    mark = recorded.outputs[-1]["metadata"]["jupyter_assistants"]["recording"]
    [made] = recordings["recordings"]
    assert made == mark and (recordings["version"], made["version"]) == (1, 1)
    assert [entry["type"] for entry in made["entries"]] == ["code", "code", "message"]
    assert made["entries"][0]["outputs"] == [{"kind": "text", "text": "6\n"}]
    assert made["entries"][1]["outputs"][-1]["mime"] == "image/png"
    assert made["entries"][1]["files"][0]["name"] == "sums.csv"
    assert "iVBORw0KGgo" not in json.dumps(made) and "sk-of-the-endpoint" not in json.dumps(made)


def test_a_replay_runs_the_code_and_says_that_the_outputs_agree(player: KernelSession) -> None:
    ran = player.run(AGAIN, timeout=60)
    assert ran.status == "ok", ran.outputs
    assert "Replayed: every output agrees" in ran.saved()[-1]
    assert "It is 6: [sums]" in ran.saved()[-2]
    assert "[sums](sums.csv)" in ran.outputs[-2]["data"]["text/markdown"]
    assert player.run("print(table['n'].sum())").text == "6\n"
    folder: Path = player.folder  # type: ignore[attr-defined]
    assert (folder / "sums.csv").exists() and not (folder / "no-database").exists()
    assert "image/png" in str([sorted(o["data"]) for o in ran.outputs])


def test_a_replay_says_where_outputs_differ_and_strict_fails(player: KernelSession) -> None:
    folder: Path = player.folder  # type: ignore[attr-defined]
    (folder / "numbers.csv").write_text("n\n1\n2\n4\n")
    player.run(f"import os; os.remove({str(folder / 'sums.csv')!r})")
    ran = player.run(AGAIN.replace(" --file numbers.csv", ""))
    assert ran.status == "ok"
    assert "Replayed: 2 differences" in ran.saved()[-1]
    assert "The file numbers.csv is not the one that was recorded" in ran.saved()[-1]
    assert "Step 1: '7' now, '6' when it was recorded." in ran.saved()[-1]
    strict = player.run(AGAIN.replace(" --file numbers.csv", " --strict"))
    assert "The replay differs: The file numbers.csv is not the one" in strict.reply["evalue"]
    # Other data of which the code prints the same sum.
    (folder / "numbers.csv").write_text("n\n2\n2\n2\n")
    strict = player.run(AGAIN.replace(" --file numbers.csv", " --strict"))
    assert "The replay differs: The file numbers.csv is not the one" in strict.reply["evalue"]
    (folder / "numbers.csv").write_text("n\n1\n2\n3\n")
    assert player.run(AGAIN.replace(" --file numbers.csv", " --strict")).status == "ok"


def test_code_that_worked_and_fails_now_fails_the_cell(player: KernelSession) -> None:
    folder: Path = player.folder  # type: ignore[attr-defined]
    (folder / "numbers.csv").rename(folder / "away.csv")
    ran = player.run(AGAIN.replace(" --file numbers.csv", ""))
    (folder / "away.csv").rename(folder / "numbers.csv")
    assert (
        "Step 1 worked when it was recorded and fails now: FileNotFoundError"
        in (ran.reply["evalue"])
    )


def test_a_prompt_without_a_recording_is_a_clear_error(player: KernelSession) -> None:
    ran = player.run("%%assistant --replay --yes\nmultiply the numbers")
    assert "There is no recording of the prompt 'multiply the numbers'" in ran.reply["evalue"]
    assert "There are recordings of 'add the numbers" in ran.reply["evalue"]
    assert "Run the cell once with a model" in ran.reply["evalue"]


def test_a_replay_on_the_line_asks_before_code_runs(player: KernelSession) -> None:
    assert "--yes" in player.run(AGAIN.replace(" --yes", "")).reply["evalue"]
    ran = player.run(AGAIN.replace(" --yes", ""), answers=["n"])
    assert "was not approved" in ran.reply["evalue"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda made: made["entries"][0].update(code="print(1)"), "SHA-256 does not match"),
        (lambda made: made["entries"][0].update(masked=True), "held a secret"),
        (lambda made: made.update(version=2), "reads version 1"),
    ],
)
def test_a_recording_that_cannot_be_played_says_why(
    player: KernelSession, recordings: Any, change: Any, told: str
) -> None:
    copy = json.loads(json.dumps(recordings))
    change(copy["recordings"][0])
    folder: Path = player.folder  # type: ignore[attr-defined]
    (folder / "odd.json").write_text(json.dumps(copy))
    ran = player.run(AGAIN.replace("--replay", "--replay --record odd.json"))
    assert told in ran.reply["evalue"]


def test_a_secret_in_the_code_is_not_recorded(coder_kernel: KernelSession) -> None:
    key = "sk-" + "a1B2" * 10
    ran = coder_kernel.run(f"%%assistant --new --yes\n{blocks(f'key = {key!r}')}")
    made = ran.outputs[-1]["metadata"]["jupyter_assistants"]["recording"]
    assert key not in json.dumps(made) and made["entries"][0]["masked"] is True


@pytest.mark.parametrize(
    ("prompt", "status", "told"),
    [
        (blocks("print(6 * 7)", answer=FAILS), "failed", "The recorded run failed: "),
        (
            blocks("print(6 * 7)", "print('begun')\nraise KeyboardInterrupt"),
            "cancelled",
            "The recorded run was cancelled.",
        ),
    ],
)
def test_a_run_that_did_not_complete_is_recorded_and_its_replay_says_so(
    coder_kernel: KernelSession, player: KernelSession, prompt: str, status: str, told: str
) -> None:
    ran = coder_kernel.run(f"%%assistant --new --yes --record {status}.json\n{prompt}")
    assert ran.status == "error"
    made = ran.of("display_data")[-1]["metadata"]["jupyter_assistants"]["recording"]
    assert made["status"] == status and made["entries"][0]["status"] == "ok"
    folder: Path = player.folder  # type: ignore[attr-defined]
    text = coder_kernel.run(f"print(open('{status}.json').read())").text
    assert json.loads(text)["recordings"] == [made]
    (folder / f"{status}.json").write_text(text)
    again = player.run(f"%%assistant --replay --yes --record {status}.json\n{prompt}")
    assert again.status == "ok", again.outputs
    assert "42" in "".join(again.saved())
    assert "Replayed: every output agrees" in again.saved()[-1]
    assert told in again.saved()[-1]
    stopped = "Step 2 was interrupted and is not run again." in again.saved()[-1]
    assert stopped == (status == "cancelled")


def test_record_writes_the_recording_of_a_stored_run_that_plays(
    coder_kernel: KernelSession, player: KernelSession, coder_folder: Path
) -> None:
    prompt = blocks("seven = 7\nprint(6 * seven)", answer="It is 42.")
    assert coder_kernel.run(f"%%assistant --new --yes\n{prompt}").status == "ok"
    said = coder_kernel.run("%assistant record stored.json").saved()
    assert said == ["Recorded a run with 1 step of code in stored.json."]
    coder_kernel.run("%assistant record stored.json")
    text = (coder_folder / "stored.json").read_text()
    assert len(json.loads(text)["recordings"]) == 1
    folder: Path = player.folder  # type: ignore[attr-defined]
    (folder / "stored.json").write_text(text)
    played = player.run("%assistant replay stored.json --yes")
    assert "Replayed: every output agrees" in played.saved()[-1]
    assert "It is 42." in "".join(played.saved())
    by_prompt = player.run(f"%%assistant --replay --yes --record stored.json\n{prompt}")
    assert by_prompt.status == "ok" and player.run("print(seven)").text == "7\n"
    wrong = coder_kernel.run("%assistant record talk.ipynb").reply["evalue"]
    assert "recordings go into a .json file" in wrong
    unknown = coder_kernel.run("%assistant record run_nothing").reply["evalue"]
    assert "No run found with id 'run_nothing'" in unknown


def headless(tool: str, recorded: Ran, tmp_path: Path, *more: str) -> Any:
    """Execute a notebook that holds the recorded output, with nothing but the environment set."""
    (tmp_path / "numbers.csv").write_text("n\n1\n2\n3\n")
    data = [o for o in recorded.outputs if o["kind"] == "display_data"]
    outputs = [
        nbformat.v4.new_output("display_data", data=o["data"], metadata=o["metadata"]) for o in data
    ]
    cell = nbformat.v4.new_code_cell(ASK, outputs=outputs)
    cells = [nbformat.v4.new_code_cell("%load_ext jupyter_assistants"), cell]
    cells += [nbformat.v4.new_code_cell(code) for code in more]
    kernel = {"name": "python3", "display_name": "", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "report.ipynb")
    command = {
        "papermill": ["papermill", "report.ipynb", "out.ipynb"],
        "nbconvert": [
            *["nbconvert", "--to", "notebook", "--execute", "--output", "out", "report.ipynb"]
        ],
    }[tool]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "JUPYTER_ASS"))}
    environ = {
        "JUPYTER_ASSISTANTS_REPLAY": "1",
        "JUPYTER_ASSISTANTS_DATA_DIR": str(tmp_path / "no"),
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        env={**kept, **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "no").exists()
    return nbformat.read(tmp_path / "out.ipynb", 4)


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["papermill", "nbconvert"])
def test_a_saved_notebook_plays_itself_headless(tool: str, recorded: Ran, tmp_path: Path) -> None:
    done = headless(tool, recorded, tmp_path, "print(table['n'].sum())")
    assert done.cells[2].outputs[0].text == "6\n"
    last = done.cells[1].outputs[-1]
    assert "Replayed: every output agrees" in last.data["text/plain"]
    assert last.metadata.jupyter_assistants.recording.version == 1
