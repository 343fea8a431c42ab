"""``%assistant index``, ``search``, ``stores`` in a real kernel, and the same words in a terminal."""

from __future__ import annotations

import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_session import KernelSession, Message, Ran, kernel_session
from support.paths import DOCUMENTS

from jupyter_assistants.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    docs = folder / "docs"
    (docs / "sub").mkdir(parents=True)
    for name in ("four_pages.pdf", "password.pdf"):
        shutil.copy(DOCUMENTS / name, docs)
    (docs / "sub" / "ducks.md").write_text("# Ducks\n\nDucks eat bread and corn.\n")
    (docs / "sub" / "ships.txt").write_text("Ships carry corn over the sea.")
    (docs / "picture.png").write_bytes(b"png")
    return folder


@pytest.fixture(scope="module")
def kernel(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
        patch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
        with kernel_session(folder) as session:
            assert session.run("%load_ext jupyter_assistants").status == "ok"
            yield session


def saved(ran: Ran) -> str:
    assert ran.status == "ok", ran.outputs
    return "\n".join(ran.saved())


@pytest.fixture(scope="module")
def indexed(kernel: KernelSession) -> Ran:
    return kernel.run("%assistant index docs --store papers")


def test_indexing_shows_a_bar_and_ends_with_what_came_of_it(indexed: Ran) -> None:
    text = saved(indexed)
    assert "Indexed into papers (vs_" in text and ": 3 new, 1 failed · " in text
    assert "password.pdf: The PDF is protected by a password." in text
    assert "types cannot be searched: .png (1)" in text
    assert "Cells search papers from now on." in text
    bars = [
        message["data"]["text/html"]
        for kind in ("display_data", "update_display_data")
        for message in indexed.of_messages(kind)
        if "<progress" in message["data"].get("text/html", "")
    ]
    assert bars and "aria-label" in bars[0]
    assert "<progress" not in indexed.outputs[0]["data"]["text/html"]


def test_a_question_is_answered_with_a_quote_and_its_place(
    kernel: KernelSession, indexed: Ran
) -> None:
    ran = kernel.run("%%assistant -o answer\nWhat do ducks eat?")
    text = saved(ran)
    assert "Searched for “What do ducks eat?”" in text and "score " in text
    assert "“Ducks eat bread and corn.”" in text
    assert "Sources\n[1] ducks.md" in text
    assert "【" in kernel.run("print(answer)").text


def test_passages_are_found_by_a_word_and_stores_are_listed(
    kernel: KernelSession, indexed: Ran
) -> None:
    assert "Ships carry corn" in saved(kernel.run("%assistant search corn sea -k 1"))
    assert "papers" in saved(kernel.run("%assistant stores"))
    assert saved(kernel.run("%assistant store")) == "Cells search papers."
    assert "search no store" in saved(kernel.run("%assistant store none"))
    assert "papers" in saved(kernel.run("%assistant store papers"))
    listed = saved(kernel.run("%assistant files papers"))
    assert "sub/ducks.md" in listed and "failed: The PDF is protected" in listed
    wrong = kernel.run("%assistant search corn --store paper")
    assert wrong.status == "error" and "did you mean papers?" in wrong.of("error")[0]["evalue"]


def test_a_folder_is_kept_in_sync(kernel: KernelSession, indexed: Ran, folder: Path) -> None:
    assert ": 3 unchanged, 1 failed" in saved(kernel.run("%assistant index docs -s papers"))
    (folder / "docs" / "sub" / "ships.txt").write_text("Ships carry tea over the sea.")
    (folder / "docs" / "four_pages.pdf").unlink()
    text = saved(kernel.run("%assistant index docs -s papers"))
    assert ": 1 changed, 1 unchanged, 1 removed, 1 failed" in text
    found = saved(kernel.run("%assistant search ships sea text without a meaning -s papers"))
    assert "carry tea" in found and "carry corn" not in found and "four_pages" not in found


def test_stop_ends_indexing_and_keeps_what_is_done(kernel: KernelSession, folder: Path) -> None:
    many = folder / "many"
    many.mkdir()
    for number in range(400):
        (many / f"{number}.md").write_text(f"Number {number}. " * 200)

    stops: list[Message] = []

    def interrupt(message: Message) -> None:
        if not stops and " sent" in str(message["content"]):
            stops.append(message)
            kernel.manager.interrupt_kernel()

    ran = kernel.run("%assistant index many --store many", on_message=interrupt)
    assert ran.status == "error"
    assert "Files that were indexed stay searchable" in ran.of("error")[0]["evalue"]
    listed = saved(kernel.run("%assistant stores"))
    (row,) = [line for line in listed.splitlines() if line.startswith("many")]
    assert "in progress" not in row


# -- the command line ----------------------------------------------------------------------------


def test_the_same_words_work_in_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cli(*words: str, fails: bool = False) -> str:
        assert (main(words) != 0) == fails
        return "".join(capsys.readouterr())

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
    monkeypatch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "ducks.md").write_text("Ducks eat bread.")
    assert ": 1 new · " in cli("index", "docs", "--store", "papers")
    again = json.loads(cli("index", "docs", "-s", "papers", "--json"))
    assert again["unchanged"] == 1 and again["sent"] == 0
    assert "ducks.md" in cli("search", "bread", "-s", "papers")
    assert "1 of 1" in cli("stores")
    assert "wrote 1 files' texts" in cli("stores", "--export", "papers")
    store, file = map(json.loads, (tmp_path / "papers.jsonl").read_text().splitlines())
    assert store["object"] == "vector_store.export" and store["name"] == "papers"
    assert file["filename"] == "ducks.md" and file["blocks"][0]["text"] == "Ducks eat bread."
    assert "exists already" in cli("stores", "--export", "papers", fails=True)
    assert "1 copies of files" in cli("stores", "--delete", "papers")
    assert "There is no store papers" in cli("search", "x", "-s", "papers", fails=True)
    assert cli("files").count("ducks.md") == 0


class Watching:
    """``jupyter assistants index --watch`` in a process of its own, and what it has printed."""

    def __init__(self, folder: Path) -> None:
        program = "import sys; from jupyter_assistants.cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", program, "index", "docs"]
        self.process = subprocess.Popen(
            [*command, "--store", "watched", "--watch", "--json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def wait_for_rounds(self, **wanted: int) -> None:
        """Wait for rounds that come to these figures together, and to no more."""
        figures = dict.fromkeys(wanted, 0)
        while figures != wanted:
            told = json.loads(self.lines.get(timeout=60))
            figures = {name: figures[name] + told[name] for name in figures}
            assert all(figures[name] <= wanted[name] for name in wanted), figures

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)


def test_a_watched_folder_is_kept_in_sync_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def found(words: str) -> list[str]:
        main(("search", words, "--store", "watched", "--json"))
        return [each["content"][0]["text"] for each in json.loads(capsys.readouterr().out)]

    monkeypatch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
    monkeypatch.delenv("JUPYTER_ASSISTANTS_URL", raising=False)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "ducks.md").write_text("Ducks eat bread.")
    (docs / "ships.md").write_text("Ships carry corn.")
    watching = Watching(tmp_path)
    try:
        watching.wait_for_rounds(sent=2, changed=0, removed=0)
        (docs / "ducks.md").write_text("Ducks eat barley.")
        watching.wait_for_rounds(sent=1, changed=1, removed=0)
        (docs / "geese.md").write_text("Geese eat grass.")
        (docs / "ships.md").unlink()
        watching.wait_for_rounds(sent=1, changed=0, removed=1)
        assert watching.process.poll() is None and watching.lines.empty()
    finally:
        watching.stop()
    assert sorted(found("eat")) == ["Ducks eat barley.", "Geese eat grass."]
    # With an embedding model the others come near as well; what went must not come at all.
    assert {"Ducks eat bread.", "Ships carry corn."}.isdisjoint(found("bread ships corn"))
