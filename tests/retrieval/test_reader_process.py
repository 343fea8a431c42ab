"""Each file is read in a process of its own, which may do little and can be ended."""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.paths import DOCUMENTS

from jupyter_assistants import registry
from jupyter_assistants.retrieval import file_reader, reader_process
from jupyter_assistants.retrieval.blocks import Unreadable
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.reader_process import Job
from jupyter_assistants.retrieval.reader_workers import ForkingWorker, SpawningWorker, Worker
from jupyter_assistants.retrieval.readers.base import READERS, Reader, references
from jupyter_assistants.retrieval.readers.pdf import PdfReader

READER_MODULE = """
import ctypes, os, signal, socket
from jupyter_assistants.retrieval.blocks import Block, PartCount, PartsRead
from jupyter_assistants.retrieval.readers.base import Reader

def endless(stream):
    yield PartCount(2)
    yield PartsRead(1)
    signal.pause()

def greedy(stream):
    yield Block("x" * (700 * 1024 ** 2))

def dying(stream):
    yield Block("half")
    os._exit(0)

def broken(stream):
    yield Block("half")
    raise ZeroDivisionError

def forbidden(stream):
    for attempt in (
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: os.system("true"),
        lambda: open("written", "w"),
        lambda: os.fork(),
    ):
        try:
            attempt()
            yield Block("allowed")
        except PermissionError as error:
            yield Block(str(error))

class closed(Reader):
    extensions = ("txt",)
    opens_files = False

    def read(self, stream):
        libc = ctypes.CDLL(None, use_errno=True)
        yield Block(str(libc.open(b"/etc/passwd", os.O_RDONLY)))
        yield Block(os.strerror(ctypes.get_errno()))
"""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Return a reader of one of the readers above, as if another package had registered it."""
    (tmp_path / "hostile_readers.py").write_text(READER_MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    table = dict(references())
    monkeypatch.setattr(file_reader, "references", lambda: table)
    made: list[FileReader] = []

    async def run(
        name: str, worker: Worker | None = None, progress: Any = None, **options: Any
    ) -> Any:
        table[".txt"] = f"hostile_readers:{name}"
        made.append(FileReader(worker=worker, **options))
        with (tmp_path / "hostile_readers.py").open("rb") as stream:
            return await made[-1].read("a.txt", stream, progress)

    yield run
    for each in made:
        each.close()


async def test_a_reader_that_takes_too_long_is_ended(hostile: Callable[..., Any]) -> None:
    with pytest.raises(Unreadable, match="within 0.5 seconds"):
        await hostile("endless", seconds=0.5)


async def test_a_reader_that_takes_too_much_memory_says_so(hostile: Callable[..., Any]) -> None:
    with pytest.raises(Unreadable, match="takes more than 256 MB of memory"):
        await hostile("greedy", memory=256 * 1024**2)


@pytest.mark.parametrize("name", ["dying", "broken"])
async def test_a_reader_that_ends_early_gives_no_half_file(
    hostile: Callable[..., Any], name: str
) -> None:
    with pytest.raises(Unreadable, match="the parser gave up"):
        await hostile(name)


async def test_a_reader_has_no_network_no_programs_and_writes_nothing(
    hostile: Callable[..., Any],
) -> None:
    said = [block.text for block in await hostile("forbidden")]
    assert len(said) == 4 and all(text.startswith("a reader tried") for text in said)


async def test_systems_that_cannot_fork_read_as_well(hostile: Callable[..., Any]) -> None:
    path = DOCUMENTS / "four_pages.pdf"
    with path.open("rb") as stream:
        assert len(await FileReader(worker=SpawningWorker()).read(path.name, stream)) == 4
    with pytest.raises(Unreadable, match="the parser gave up"):
        await hostile("dying", worker=SpawningWorker())


async def test_reading_is_ended_with_its_task(hostile: Callable[..., Any]) -> None:
    begun = asyncio.Event()
    task = asyncio.create_task(hostile("endless", progress=lambda done, total: begun.set()))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


class Late(ForkingWorker):
    """Begins when it is told to, and notes what it was given by then."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.given: list[bytes] = []

    def run(self, job: Job, content: BinaryIO, stop: threading.Event) -> Iterator[bytes]:
        self.begun.set()
        assert self.go_on.wait(60)
        self.given.append(os.pread(content.fileno(), 5, 0))
        return super().run(job, content, stop)


async def test_a_cancelled_file_is_never_mistaken_for_the_one_that_is_opened_next(
    tmp_path: Path,
) -> None:
    worker = Late()
    reader = FileReader(worker=worker)
    first = tmp_path / "first.txt"
    first.write_text("ducks")
    with first.open("rb") as stream:
        number = stream.fileno()
        task = asyncio.create_task(reader.read(first.name, stream))
        await asyncio.to_thread(worker.begun.wait, 60)
        task.cancel()
        await asyncio.wait({task})
    with (DOCUMENTS / "four_pages.pdf").open("rb") as stream:
        assert stream.fileno() == number, "the number of the closed file is not used again here"
        worker.go_on.set()
        assert len(await reader.read("four_pages.pdf", stream)) == 4
    reader.close()
    assert sorted(worker.given) == [b"%PDF-", b"ducks"]


async def test_files_go_on_after_the_process_was_killed(tmp_path: Path) -> None:
    worker = ForkingWorker()
    reader = FileReader(worker=worker)
    path = tmp_path / "a.txt"
    path.write_text("ducks")
    for _ in range(2):
        with path.open("rb") as stream:
            assert [block.text for block in await reader.read("a.txt", stream)] == ["ducks"]
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
    reader.close()


async def test_content_in_memory_can_be_read() -> None:
    reader = FileReader()
    assert [block.text for block in await reader.read("a.txt", io.BytesIO(b"ducks"))] == ["ducks"]
    reader.close()


def test_the_readers_can_be_used_without_their_process() -> None:
    with (DOCUMENTS / "four_pages.pdf").open("rb") as stream:
        assert len(list(reader_process.parse(references()[".pdf"], stream))) == 4


OTHER_PACKAGE = """
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader

class Epub(Reader):
    extensions = ("epub", "pdf")

    def read(self, stream):
        yield Block(stream.read().decode())

def mobi(stream):
    yield Block("mobi " + stream.read().decode())
"""


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another package with a reader of today, one of an earlier version, and one that is broken."""
    (tmp_path / "books_of_another_package.py").write_text(OTHER_PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    points = {
        registry.READERS: [("epub", "Epub"), ("cbz", "Missing")],
        "jupyter_assistants.parsers": [("MOBI", "mobi")],
    }

    def declared(*, group: str) -> list[importlib.metadata.EntryPoint]:
        return [
            importlib.metadata.EntryPoint(name, f"books_of_another_package:{value}", group)
            for name, value in points.get(group, [])
        ]

    monkeypatch.setattr(registry.metadata, "entry_points", declared)
    READERS.forget()
    yield
    monkeypatch.undo()
    READERS.forget()


async def test_other_packages_add_readers_by_entry_points(other_package: None) -> None:
    assert references()[".epub"] == references()[".pdf"] == "books_of_another_package:Epub"
    reader = FileReader()
    for name, text in (("a.epub", "ducks"), ("a.mobi", "mobi ducks"), ("a.txt", "ducks")):
        assert [b.text for b in await reader.read(name, io.BytesIO(b"ducks"))] == [text]
    reader.close()


def test_a_reader_that_cannot_be_loaded_is_skipped_and_named(other_package: None) -> None:
    assert ".cbz" not in references() and ".docx" in references()
    assert [failure.entry.name for failure in READERS.failures()] == ["cbz"]


def test_every_reader_of_ours_can_be_loaded() -> None:
    readers = READERS.load_all().values()
    assert READERS.failures() == [] and len(readers) == 12
    assert all(issubclass(each, Reader) for each in readers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="files are read without a fork there")
async def test_a_reader_that_needs_no_files_can_open_none_in_code_of_c_either(hostile: Any) -> None:
    blocks = await hostile("closed")
    assert [block.text for block in blocks] == ["-1", "Too many open files"]


def test_the_parser_of_pdf_files_opens_none() -> None:
    assert PdfReader.opens_files is False


def test_the_time_that_a_file_may_take_grows_with_its_size() -> None:
    assert file_reader.read_seconds(5) == 20
    assert file_reader.read_seconds(2_000_000) == 40
    assert file_reader.read_seconds(500_000_000) == 120


async def test_a_small_file_gets_little_time(tmp_path: Path) -> None:
    given: list[Job] = []

    class Noting(ForkingWorker):
        def run(self, job: Job, content: BinaryIO, stop: threading.Event) -> Iterator[bytes]:
            given.append(job)
            return super().run(job, content, stop)

    reader = FileReader(worker=Noting())
    for size in (5, 1_000_000):
        blocks = await reader.read("a.txt", io.BytesIO(b"ducks" * (size // 5)))
        assert sum(len(block.text) for block in blocks) >= size
    reader.close()
    assert [job.seconds for job in given] == [20, 30]
