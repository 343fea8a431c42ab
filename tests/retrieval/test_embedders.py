"""Embedders are named by a setting, and sentence models of this machine make vectors by windows."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.tiny_embedding_model import WIDTH, write_model
from test_search_index import document, found
from traitlets import TraitError

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.protocol.errors import AssistantsError, ProviderError
from jupyter_assistants.retrieval.embedders.base import EMBEDDERS, Embedder, create_embedder
from jupyter_assistants.retrieval.embedders.fastembed import FastEmbedEmbedder
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.sqlite import IN_MEMORY, SqliteRows

MEANINGS = {"duck": 0, "goose": 0, "boat": 1, "ship": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "few-words", MEANINGS)


@pytest.fixture
def local(folder: Path, tmp_path: Path) -> Embedder:
    embedder = create_embedder(str(folder), tmp_path)
    assert isinstance(embedder, FastEmbedEmbedder)
    return embedder


def test_a_model_in_a_folder_makes_vectors_of_length_one(local: Embedder) -> None:
    assert local.name == "few-words"
    one, other, far = (each[0] for each in local.embed(["A duck.", "The GOOSE", "ship"]))
    assert one.shape == (WIDTH,) and one.dtype == np.float32
    assert [np.linalg.norm(each) for each in (one, other, far)] == pytest.approx([1, 1, 1])
    assert one @ other > 0.99 > 0.1 > one @ far


def test_a_long_text_has_a_vector_for_each_window(local: Embedder) -> None:
    text = "and so on " * 30 + "a duck"
    short, long, empty = local.embed(["duck", text, ""])
    assert short.shape == empty.shape == (1, WIDTH) and len(long) > 5
    # The window with the word is near it; all of the text is not.
    assert max(long @ short[0]) > 0.9 > min(long @ short[0])
    assert [len(each) for each in local.embed([text, "duck"])] == [len(long), 1]


def test_files_are_found_by_the_meaning_of_a_local_model(local: Embedder) -> None:
    index = HybridIndex(SqliteRows(IN_MEMORY), local)
    index.add(document("birds", "a goose"))
    index.add(document("boats", "a ship"))
    assert found(index, "duck") == []
    assert index.embed() == 0
    assert found(index, "duck") == ["birds"]
    assert index.state("vs_A").model == "few-words"


def test_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    embedder = create_embedder(str(tmp_path), tmp_path)
    assert embedder is not None
    with pytest.raises(ProviderError, match=r"holds no model\.onnx"):
        embedder.embed(["duck"])


def test_a_model_that_cannot_be_loaded_is_tried_again_after_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fastembed

    attempts: list[str] = []

    def unreachable(name: str, **options: Any) -> Any:
        attempts.append(name)
        raise ValueError("the hub does not answer")

    monkeypatch.setattr(fastembed, "TextEmbedding", unreachable)
    embedder = create_embedder("fastembed/BAAI/bge-small-en-v1.5", tmp_path)
    assert embedder is not None and embedder.name == "BAAI/bge-small-en-v1.5"
    for _ in range(3):
        with pytest.raises(
            ProviderError, match=r"hub does not answer.*embedding_model to a folder"
        ):
            embedder.embed(["duck"])
    assert attempts == ["BAAI/bge-small-en-v1.5"]
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(ProviderError):
        embedder.embed(["duck"])
    assert len(attempts) == 2


def test_the_default_is_a_model_of_this_machine_if_it_can_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = create_embedder("", tmp_path)
    assert default is not None and default.name == "all-MiniLM-L6-v2"
    assert create_embedder("none", tmp_path) is None
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "fastembed" else find(name)
    )
    assert create_embedder("", tmp_path) is None
    with pytest.raises(AssistantsError, match=r"pip install 'jupyter-assistants\[embeddings\]'"):
        create_embedder("/a/folder", tmp_path)


@pytest.mark.parametrize("setting", ["hashed/64", "hashed/4096"])
def test_an_installed_embedder_is_named_by_its_entry_point(tmp_path: Path, setting: str) -> None:
    embedder = create_embedder(setting, tmp_path)
    assert embedder is not None
    assert embedder.embed(["duck"])[0].shape == (1, int(setting.partition("/")[2]))


@pytest.mark.parametrize(
    "setting", ["nowhere/model", "endpoint/model", "model", "hashed/", "hashed/x"]
)
def test_a_setting_that_names_nothing_is_refused_at_the_start(tmp_path: Path, setting: str) -> None:
    with pytest.raises(TraitError, match="embedding_model"):
        build(Settings(data_dir=tmp_path, embedding_model=setting))


def test_every_embedder_of_ours_can_be_loaded() -> None:
    assert len(EMBEDDERS.load_all()) == 3 and EMBEDDERS.failures() == []
