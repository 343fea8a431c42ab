"""Links of an answer to files, by the names that are known."""

from __future__ import annotations

import time

import pytest

from jupyter_assistants.runs.file_links import MOST_ANNOTATIONS, file_paths, unknown_links

FILES = {
    "data.csv": "file-data",
    "my": "file-my",
    "my file.csv": "file-space",
    "my file.csv.gz": "file-longer",
    "report (1).csv": "file-brackets",
    "report [final].csv": "file-square",
    "it's.csv": "file-apostrophe",
    "a,b; c.csv": "file-marks",
    'say "hi".csv': "file-quotes",
    "größe – neu.csv": "file-letters",
    "out/my plot.png": "file-below",
}


@pytest.mark.parametrize(
    ("link", "file_id"),
    [
        ("sandbox:/mnt/data/data.csv", "file-data"),
        ("sandbox:/mnt/data/my file.csv", "file-space"),
        ("sandbox:/mnt/data/my%20file.csv", "file-space"),
        ("sandbox:/mnt/data/my file.csv.gz", "file-longer"),
        ("sandbox:/mnt/data/report (1).csv", "file-brackets"),
        ("sandbox:/mnt/data/report%20(1).csv", "file-brackets"),
        ("sandbox:/mnt/data/report%20%281%29.csv", "file-brackets"),
        (r"sandbox:/mnt/data/report \(1\).csv", "file-brackets"),
        ("sandbox:/mnt/data/report [final].csv", "file-square"),
        ("sandbox:/mnt/data/it's.csv", "file-apostrophe"),
        ("sandbox:/mnt/data/it%27s.csv", "file-apostrophe"),
        ("sandbox:/mnt/data/a,b; c.csv", "file-marks"),
        ('sandbox:/mnt/data/say "hi".csv', "file-quotes"),
        ("sandbox:/mnt/data/größe – neu.csv", "file-letters"),
        ("sandbox:/mnt/data/out/my plot.png", "file-below"),
        ("sandbox:/mnt/data/my", "file-my"),
    ],
)
@pytest.mark.parametrize("around", ["[it]({})", "[it](<{}>)", "`{}`", "See {}.", "{}", "({}), and"])
def test_a_link_is_found_whatever_its_name_holds(link: str, file_id: str, around: str) -> None:
    text = around.format(link)
    [found] = file_paths(text, FILES)
    assert (found.text, found.file_path.file_id) == (link, file_id)
    assert text[found.start_index : found.end_index] == link
    assert not unknown_links(text, FILES)


@pytest.mark.parametrize(
    "link", ["sandbox:/mnt/data/other.csv", "sandbox:/mnt/data/it's.csvx", "sandbox:/mnt/data/"]
)
def test_a_link_to_an_unknown_file_has_no_annotation(link: str) -> None:
    assert file_paths(link, FILES) == [] and unknown_links(link, FILES)


def test_several_links_of_one_text_are_found_in_their_order() -> None:
    text = "[a](sandbox:/mnt/data/it's.csv), [b](sandbox:/mnt/data/my file.csv)."
    assert [each.file_path.file_id for each in file_paths(text, FILES)] == [
        "file-apostrophe",
        "file-space",
    ]


def test_many_links_beside_many_names_take_little_time() -> None:
    names = {f"{'a b' * (n % 60 + 1)}{n}.csv": f"file-{n}" for n in range(1000)}
    text = "sandbox:/mnt/data/a b" * 50_000
    began = time.process_time()
    assert len(file_paths(text, names)) <= MOST_ANNOTATIONS
    assert unknown_links(text, names)
    assert time.process_time() - began < 5
