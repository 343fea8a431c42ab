"""The working folder: names that cannot escape, files that are never overwritten."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_assistants.kernels import workspace
from jupyter_assistants.kernels.workspace import (
    MAX_ENTRIES,
    changed_files,
    create_inside,
    localize,
    mount_names,
    open_inside,
    place,
    safe_name,
    snapshot,
)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(folder: Path, name: str, content: bytes) -> str:
    return place(folder, name, lambda: io.BytesIO(content), sha(content))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('/mnt/data/x.csv')", "open('/w/f/x.csv')"),
        ("os.listdir('/mnt/data')", "os.listdir('/w/f')"),
        ("!ls /mnt/data", "!ls /w/f"),
        ("# in /mnt/data\n", "# in /w/f\n"),
        ('f"/mnt/data/{name}"', 'f"/w/f/{name}"'),
        ("'file:///mnt/data/x'", "'file:///w/f/x'"),
        ("'/mnt/database'", "'/mnt/database'"),
        ("'/mnt/data-old/x'", "'/mnt/data-old/x'"),
        ("'/mnt/data.csv'", "'/mnt/data.csv'"),
        ("'/srv/mnt/data/x'", "'/srv/mnt/data/x'"),
        ("'sandbox:/mnt/data/x'", "'sandbox:/mnt/data/x'"),
    ],
)
def test_mnt_data_in_code_means_the_folder(code: str, expected: str) -> None:
    assert localize(code, Path("/w/f")) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('/mnt/data/file-abc')", "open('/w/f/data.csv')"),
        ("!wc -l /mnt/data/file-abc", "!wc -l /w/f/data.csv"),
        ("Path('/mnt/data/file-abc').exists()", "Path('/w/f/data.csv').exists()"),
        (
            "subprocess.run(['cat', '/mnt/data/file-abc'])",
            "subprocess.run(['cat', '/w/f/data.csv'])",
        ),
        ("'/mnt/data/file-q'", "'/beside/file-q'"),
        ("'/mnt/data/file-abcd'", "'/w/f/file-abcd'"),
        ("'/mnt/data/file-abc.csv'", "'/w/f/file-abc.csv'"),
        ("'/mnt/data/below/file-abc'", "'/w/f/below/file-abc'"),
        ("'sandbox:/mnt/data/file-abc'", "'sandbox:/mnt/data/file-abc'"),
        ("'/mnt/data/.jupyter_assistants/outputs/a.txt'", "'/o/a.txt'"),
        ("'/mnt/data/.jupyter_assistants/other'", "'/w/f/.jupyter_assistants/other'"),
        ("'/mnt/data/odd'", "'/w/f/odd'"),
    ],
)
def test_the_id_of_a_file_in_code_means_the_file(code: str, expected: str) -> None:
    paths = {"file-abc": "/w/f/data.csv", "file-q": "/beside/file-q", "odd": "/w/f/it's"}
    assert localize(code, Path("/w/f"), paths | {".jupyter_assistants/outputs": "/o"}) == expected


@pytest.mark.parametrize("folder", ["/w/o'hara", '/w/"', "/w/\\n", "/w/{x}", "/w/\n", "/w/%s"])
def test_a_folder_that_cannot_stand_in_a_string_is_called_dot(folder: str) -> None:
    assert localize("open('/mnt/data/x')", Path(folder)) == "open('./x')"


def test_a_backslash_digit_in_the_folder_is_no_group_reference() -> None:
    assert localize("'/mnt/data'", Path("/w/g 1")) == "'/w/g 1'"


def test_new_and_changed_files_are_found_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "same.txt").write_text("1")
    (tmp_path / "changed.txt").write_text("1")
    (tmp_path / "gone.txt").write_text("1")
    before = snapshot(tmp_path)
    (tmp_path / "changed.txt").write_text("22")
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "new.txt").write_text("1")
    assert changed_files(before, tmp_path) == ["a/b/new.txt", "changed.txt"]


def test_a_file_rewritten_with_the_same_size_is_changed(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1")
    before = snapshot(tmp_path)
    written = (tmp_path / "x").stat().st_mtime_ns
    (tmp_path / "x").write_text("2")
    # A clock of a file system may be coarse, so the second write is later by hand.
    later = written + 1_000_000_000
    os.utime(tmp_path / "x", ns=(later, later))
    assert changed_files(before, tmp_path) == ["x"]


def test_hidden_things_caches_and_links_are_not_files(tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    for name in [".hidden", "__pycache__", ".ipynb_checkpoints"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("1")
    (tmp_path / ".x").write_text("1")
    os.symlink("/etc/passwd", tmp_path / "link")
    os.symlink("/etc", tmp_path / "folder")
    assert changed_files(before, tmp_path) == []


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert snapshot(tmp_path / "none").files == {}


def test_a_snapshot_stops_at_its_bounds_and_says_so(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 50):
        (tmp_path / f"{number}").touch()
    before = snapshot(tmp_path)
    assert before.cut
    assert len(before.files) == MAX_ENTRIES


def test_in_a_folder_seen_in_part_old_files_are_not_reported_as_new(tmp_path: Path) -> None:
    deep = tmp_path / "1" / "2" / "3" / "4"
    deep.mkdir(parents=True)
    (deep / "old").write_text("1")
    (tmp_path / "old").write_text("1")
    os.utime(tmp_path / "old", (1, 1))
    before = snapshot(tmp_path)
    assert before.cut
    before.files.pop("old")
    (tmp_path / "new").write_text("1")
    assert changed_files(before, tmp_path) == ["new"]


def test_a_snapshot_of_an_ordinary_folder_takes_less_than_a_millisecond(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.csv").write_text("1")
    times = []
    for _ in range(20):
        start = time.process_time()
        snapshot(tmp_path)
        times.append(time.process_time() - start)
    assert min(times) < 0.001


TRAVERSALS = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "...",
    "",
    "   ",
    "/",
    "\\",
    "..\\..\\windows\\system32",
    "C:\\x\\y.txt",
    "C:evil",
    "\\\\server\\share\\x",
    "a/../../b",
    "x\0y",
    "\0",
    "../\0",
    "a\nb",
    ".bashrc",
    "..hidden",
    "con",
    "NUL.txt",
    "com1.csv",
    "a" * 500 + ".csv",
    "ä" * 300 + ".csv",
    "x." + "e" * 300,
    "abc\u202egpj.exe",
    "\u2066x\u2069",
    "\ud800x",
    'a|b<c>d?e*f:g"h',
    "x/",
    "x/.",
    "x/..",
    "x. . .",
    "~/x",
    "\u2028",
    "/proc/self/environ",
]


def is_plain(name: str) -> bool:
    return (
        0 < len(name.encode()) <= 200
        and name not in (".", "..")
        and not name.startswith((".", " "))
        and not name.endswith((".", " "))
        and not set(name) & set('/\\<>:"|?*\0\n\r\u202e')
        and name.isprintable()
    )


@pytest.mark.parametrize("filename", TRAVERSALS)
def test_no_name_leads_out_of_the_folder(filename: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    used = put(folder, filename, b"1")
    assert is_plain(used), used
    assert [path.name for path in folder.iterdir()] == [used]
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@given(st.text(max_size=300))
def test_any_text_becomes_a_plain_name(filename: str) -> None:
    name = safe_name(filename)
    assert "/" not in name and "\\" not in name and "\0" not in name
    assert 0 < len(name.encode()) <= 200
    assert not name.startswith(".")
    assert safe_name(name) == name


def test_ordinary_names_stay() -> None:
    for name in ["data.csv", "Jahresbericht 2025 (final).xlsx", "日本語.txt", "a.tar.gz", "-x"]:
        assert safe_name(name) == name


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("a" * 500 + ".csv").endswith("a.csv")


def test_a_placed_file_has_its_own_name_and_content(tmp_path: Path) -> None:
    assert put(tmp_path, "data.csv", b"a,b") == "data.csv"
    assert (tmp_path / "data.csv").read_bytes() == b"a,b"


def test_the_same_content_is_not_placed_twice(tmp_path: Path) -> None:
    put(tmp_path, "data.csv", b"a,b")
    opened: list[int] = []

    def source() -> io.BytesIO:
        opened.append(1)
        return io.BytesIO(b"a,b")

    assert place(tmp_path, "data.csv", source, sha(b"a,b")) == "data.csv"
    assert opened == []


def test_another_file_of_the_same_name_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"the user's own")
    used = put(tmp_path, "data.csv", b"a,b")
    assert used == f"data-{sha(b'a,b')[:8]}.csv"
    assert (tmp_path / "data.csv").read_bytes() == b"the user's own"
    assert put(tmp_path, "data.csv", b"a,b") == used


def test_files_of_one_name_get_different_names_unless_they_are_the_same() -> None:
    files = [("file-a", "x.csv", "1" * 64), ("file-b", "../x.csv", "2" * 64)]
    files += [("file-c", "x.csv", "1" * 64), ("file-d", "y.csv", "3" * 64)]
    assert mount_names(files) == {
        "file-a": "x.csv",
        "file-b": "x-22222222.csv",
        "file-c": "x.csv",
        "file-d": "y.csv",
    }


def test_names_told_beforehand_are_the_names_that_are_taken(tmp_path: Path) -> None:
    contents = {"file-a": b"1", "file-b": b"2", "file-c": b"1"}
    names = mount_names((file_id, "x.csv", sha(c)) for file_id, c in contents.items())
    for file_id, content in contents.items():
        assert put(tmp_path, "x.csv", content) == names[file_id]


def test_a_copy_that_code_has_changed_is_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"the user's own")
    used = put(tmp_path, "data.csv", b"a,b")
    (tmp_path / used).write_bytes(b"changed by code")
    assert put(tmp_path, "data.csv", b"a,b") not in ("data.csv", used)


def test_links_folders_and_pipes_count_as_taken_and_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"a,b")
    folder = tmp_path / "folder"
    folder.mkdir()
    os.symlink(outside, folder / "link.csv")
    os.symlink(tmp_path / "nowhere", folder / "dangling.csv")
    (folder / "dir.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    for name in ["link.csv", "dangling.csv", "dir.csv", "pipe.csv"]:
        assert put(folder, name, b"a,b") != name
    assert outside.read_bytes() == b"a,b"
    assert not (tmp_path / "nowhere").exists()


def test_a_source_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        place(tmp_path, "data.csv", Broken, sha(b"a"))
    assert list(tmp_path.iterdir()) == []


def test_it_needs_the_standard_library_only() -> None:
    code = (
        "import sys; import jupyter_assistants.kernels.workspace, jupyter_assistants.kernels.outputs;"
        "print([n for n in sys.modules if n.split('.')[0] in"
        " ('pydantic', 'tornado', 'IPython', 'nbformat', 'jupyter_client')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert shown.stdout.strip() == b"[]"


def test_devices_and_processes_are_no_files() -> None:
    """Code may change to the root folder; to read all of /proc would take for ever."""
    assert not [n for n in snapshot(Path("/")).files if n.startswith(("proc/", "sys/", "dev/"))]
    assert snapshot(Path("/proc/self")).files == {} and snapshot(Path("/dev")).cut


def test_files_in_the_folder_are_opened_without_following_links(tmp_path: Path) -> None:
    folder, secret = tmp_path / "folder", tmp_path / "secret"
    (folder / "sub").mkdir(parents=True)
    secret.mkdir()
    (secret / "key").write_bytes(b"secret")
    (folder / "sub" / "own").write_bytes(b"own")
    (folder / "link").symlink_to(secret / "key")
    (folder / "linked").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    with open_inside(folder, "sub/own") as file:
        assert file.read() == b"own"
    absolute = str(secret / "key")
    climbing = ("../secret/key", absolute, f"/{absolute}", f"//{absolute}")
    for name in ("link", "linked/key", "pipe", "sub", "missing", *climbing):
        with pytest.raises(OSError):
            open_inside(folder, name)


def test_files_are_created_in_the_folder_without_following_links(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    create_inside(folder, ".hidden/outputs/a.txt", b"text")
    assert (folder / ".hidden" / "outputs" / "a.txt").read_bytes() == b"text"
    (folder / "linked").symlink_to(outside)
    (folder / "dangling").symlink_to(outside / "made")
    for name in ("linked/a.txt", "dangling", ".hidden/outputs/a.txt", "../outside/a.txt"):
        with pytest.raises(OSError):
            create_inside(folder, name, b"other")
    assert list(outside.iterdir()) == []


def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code swaps the file in the moment in which its name was found to be taken."""
    free = workspace._is_free

    def swapped(path: Path, at: int | None = None) -> bool:
        is_free = free(path, at)
        if path.name == "data.csv" and not is_free:
            (tmp_path / path.name).unlink()
            os.mkfifo(tmp_path / path.name)
        return is_free

    (tmp_path / "data.csv").write_bytes(b"old")
    monkeypatch.setattr(workspace, "_is_free", swapped)
    digest = hashlib.sha256(b"new").hexdigest()
    name = workspace.place(tmp_path, "data.csv", lambda: io.BytesIO(b"new"), digest)
    assert name == f"data-{digest[:8]}.csv" and (tmp_path / name).read_bytes() == b"new"


def test_a_link_in_the_place_of_a_subfolder_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "attached-files").symlink_to(outside)
    digest = hashlib.sha256(b"new").hexdigest()
    with pytest.raises(OSError):
        place(folder, "a.py", lambda: io.BytesIO(b"new"), digest, below="attached-files")
    assert list(outside.iterdir()) == []
