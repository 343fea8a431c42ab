"""Which files of this machine a vector store lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.folders import Hashes, SyncPlan, local_files, plan, sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files that count, and others that do not."""
    root = tmp_path / "docs"
    for name in ("a.txt", "b/c.md", ".hidden", ".git/x.txt", "b/__pycache__/d.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "secret.txt").write_text("not in the folder")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


def entries(made: SyncPlan, **changes: Any) -> list[dict[str, Any]]:
    """Return the vector store's files after a plan was carried out."""
    return [
        {
            "id": f"file-{at}",
            "status": "completed",
            "attributes": {**file.attributes, "sha256": digest},
            **changes,
        }
        for at, (file, digest, _) in enumerate(made.add)
    ]


def planned(folder: Path, known: list[dict[str, Any]]) -> SyncPlan:
    names = [str(folder)]
    return plan(local_files(names), known, sources(names), Hashes())


def test_a_folder_gives_its_files_without_hidden_ones_and_links_out_of_it(folder: Path) -> None:
    assert [each.path for each in local_files([str(folder)])] == ["a.txt", "b/c.md"]


def test_files_and_patterns_are_taken_once_however_often_they_are_named(folder: Path) -> None:
    names = [str(folder / "a.txt"), str(folder / "a*.txt"), str(folder)]
    assert [each.location.name for each in local_files(names)] == ["a.txt", "c.md"]


def test_a_name_that_stands_for_nothing_is_told(folder: Path) -> None:
    for name in ("nothing.txt", str(folder / "*.pdf")):
        with pytest.raises(AssistantError, match="no such file or folder"):
            local_files([name])


def test_what_is_there_already_is_not_sent_again(folder: Path) -> None:
    first = planned(folder, [])
    assert [file.path for file, _, _ in first.add] == ["a.txt", "b/c.md"]
    again = planned(folder, entries(first))
    assert again.add == [] and again.unchanged == 2 and again.removed == []


def test_a_changed_file_replaces_the_old_one_and_a_file_that_went_is_removed(folder: Path) -> None:
    known = entries(planned(folder, []))
    (folder / "a.txt").write_text("new")
    (folder / "b" / "c.md").unlink()
    made = planned(folder, known)
    assert [(file.path, old) for file, _, old in made.add] == [("a.txt", "file-0")]
    assert made.removed == ["file-1"] and made.unchanged == 0


def test_a_file_that_could_not_be_read_is_not_tried_again_until_it_changes(folder: Path) -> None:
    error = {"code": "invalid_file", "message": "It is broken."}
    known = entries(planned(folder, []), status="failed", last_error=error)
    made = planned(folder, known)
    assert made.add == [] and made.failed == {"a.txt": "It is broken.", "b/c.md": "It is broken."}
    (folder / "a.txt").write_text("mended")
    assert [old for _, _, old in planned(folder, known).add] == ["file-0"]


def test_what_was_cancelled_is_sent_again(folder: Path) -> None:
    known = entries(planned(folder, []), status="cancelled")
    assert [old for _, _, old in planned(folder, known).add] == ["file-0", "file-1"]


def test_files_that_did_not_come_from_this_folder_stay(folder: Path, tmp_path: Path) -> None:
    known = [{"id": "file-x", "status": "completed", "attributes": {}}]
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.txt").write_text("z")
    known += [{**each, "id": "file-z"} for each in entries(planned(other, []))]
    assert planned(folder, known).removed == []


def test_single_files_do_not_remove_their_neighbours(folder: Path) -> None:
    known = entries(planned(folder, []))
    names = [str(folder / "a.txt")]
    made = plan(local_files(names), known, sources(names), Hashes())
    assert made.removed == [] and made.unchanged == 1
