"""What the service remembers of working folders, and that code which lists them sees none of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_assistants.kernels.service_folder import ServiceFolder, service_folder_of


@pytest.fixture
def here(tmp_path: Path) -> ServiceFolder:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b")
    return ServiceFolder(tmp_path / "beside", folder)


def test_a_placed_file_is_known_by_its_id_and_its_folder_has_nothing_else(
    here: ServiceFolder,
) -> None:
    here.add_file("file-abc", "data.csv")
    assert here.placed_name("file-abc") == "data.csv"
    assert here.placed_name("file-def") is None
    assert os.listdir(here.folder) == ["data.csv"]
    assert (here.links / "file-abc").read_text() == "a,b"


def test_a_file_whose_name_stands_in_no_code_is_reached_by_a_link(here: ServiceFolder) -> None:
    for number, name in enumerate(["data.csv", "it's.csv", "my data.csv", "größe.csv", "a$b.csv"]):
        (here.folder / name).write_text("a,b")
        here.add_file(f"file-{number}", name)
    paths = here.code_paths()
    assert paths.pop("file-0") == str(here.folder / "data.csv")
    files = {id_: path for id_, path in paths.items() if id_.startswith("file-")}
    assert files == {f"file-{n}": str(here.links / f"file-{n}") for n in range(1, 5)}
    assert all(Path(path).read_text() == "a,b" for path in files.values())


def test_a_file_that_was_removed_is_placed_anew(here: ServiceFolder) -> None:
    here.add_file("file-abc", "data.csv")
    (here.folder / "data.csv").unlink()
    assert here.placed_name("file-abc") is None
    assert "file-abc" not in here.code_paths()
    (here.folder / "other.csv").write_text("c")
    here.add_file("file-abc", "other.csv")
    assert here.placed_name("file-abc") == "other.csv"
    assert (here.links / "file-abc").read_text() == "c"


def test_without_links_ids_stand_for_the_names(
    here: ServiceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("symbolic link privilege not held")

    monkeypatch.setattr(os, "symlink", refuse)
    here.add_file("file-abc", "data.csv")
    assert here.placed_name("file-abc") == "data.csv"
    assert here.code_paths()["file-abc"] == str(here.folder / "data.csv")


def test_an_id_or_name_that_is_a_path_is_refused(here: ServiceFolder) -> None:
    for file_id, name in [("../x", "data.csv"), ("file-abc", "../../etc/passwd")]:
        with pytest.raises(ValueError, match="plain file names"):
            here.add_file(file_id, name)
    assert here.placed_name("../x") is None


def test_a_link_that_code_put_in_the_place_of_a_file_is_no_placed_file(here: ServiceFolder) -> None:
    here.add_file("file-abc", "data.csv")
    (here.folder / "data.csv").unlink()
    os.symlink("/etc/passwd", here.folder / "data.csv")
    assert here.placed_name("file-abc") is None
    assert "file-abc" not in here.code_paths()


def test_that_a_kernel_was_there_is_remembered_once(here: ServiceFolder) -> None:
    here.create()
    assert [here.mark_kernel(), here.mark_kernel()] == [False, True]
    here.remove()
    here.create()
    assert here.mark_kernel() is False


def test_working_folders_of_people_have_service_folders_of_their_own(tmp_path: Path) -> None:
    one, other = (service_folder_of(tmp_path, tmp_path / name) for name in ("a", "b"))
    assert one.path != other.path and one.path.parent == tmp_path
