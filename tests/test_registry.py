"""The registry of plug-ins: what is found, what replaces what, and what is skipped."""

from __future__ import annotations

import logging
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.distributions import write_distribution
from support.paths import ROOT

from jupyter_assistants import registry
from jupyter_assistants.registry import Group, PluginEntry

GROUP = "jupyter_assistants.toys"


def text_only(entry: PluginEntry, plugin: Any) -> str:
    if not isinstance(plugin, str):
        raise TypeError(f"{entry.reference} is not a text")
    return plugin


@pytest.fixture(autouse=True)
def own_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the groups that a test declares away from those of the package."""
    monkeypatch.setattr(registry, "_groups", {})


@pytest.fixture
def toys() -> Group[str]:
    return Group(GROUP, text_only, former_names=["jupyter_assistants.old_toys"])


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_entries_of_other_packages_are_found_and_loaded_when_asked_for(
    toys: Group[str], packages: Path
) -> None:
    points = f"[{GROUP}]\nball = toy_ball:NAME\n"
    write_distribution(packages, "toy-ball", points, {"toy_ball": "NAME = 'ball'"})
    assert toys.entries()["ball"].distribution == "toy-ball"
    assert "toy_ball" not in sys.modules
    assert toys.get("ball") == "ball" and toys.get("kite") is None
    assert toys.load_all() == {"ball": "ball"}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import a_library_that_is_missing", "ModuleNotFoundError"),
        ("raise RuntimeError('no licence')", "no licence"),
        ("raise SystemExit(3)", "SystemExit"),
        ("OTHER = 1", "AttributeError"),
        ("NAME = 7", "toy_bad:NAME is not a text"),
    ],
)
def test_a_broken_plug_in_is_logged_once_and_skipped(
    toys: Group[str], packages: Path, caplog: pytest.LogCaptureFixture, source: str, error: str
) -> None:
    points = f"[{GROUP}]\nbad = toy_bad:NAME\ngood = toy_good:NAME\n"
    write_distribution(packages, "toys", points, {"toy_bad": source, "toy_good": "NAME = 'good'"})
    with caplog.at_level(logging.WARNING, "jupyter_assistants"):
        assert toys.load_all() == {"good": "good"} and toys.get("bad") is None
        assert toys.load_all() == {"good": "good"}
    (failure,) = registry.failures()
    assert error in failure.error and failure.entry.name == "bad"
    (record,) = caplog.records
    assert "'bad'" in record.message and "'toys'" in record.message and error in record.message


def test_the_first_of_two_packages_has_the_name_and_the_other_is_reported(
    toys: Group[str], packages: Path
) -> None:
    for name in ("toys-b", "toys-a"):
        module = name.replace("-", "_")
        points = f"[{GROUP}]\nball = {module}:NAME\n"
        write_distribution(packages, name, points, {module: f"NAME = {name!r}"})
    assert toys.load_all() == {"ball": "toys-a"}
    (failure,) = toys.failures()
    assert failure.entry.distribution == "toys-b" and "'toys-a'" in failure.error


def test_groups_of_earlier_versions_are_still_read(toys: Group[str], packages: Path) -> None:
    points = (
        f"[jupyter_assistants.old_toys]\nball = toy:OLD\ntop = toy:OLD\n[{GROUP}]\nball = toy:NEW\n"
    )
    write_distribution(packages, "toy", points, {"toy": "OLD = 'old'\nNEW = 'new'"})
    assert toys.load_all() == {"ball": "new", "top": "old"}


def test_another_package_replaces_an_entry_of_ours(packages: Path) -> None:
    name = registry.TOOLS
    write_distribution(packages, "other", f"[{name}]\nfile_search = other:NAME\n")
    group = Group(name, lambda entry, plugin: plugin)
    assert group.entries()["file_search"].distribution == "other"
    assert group.entries()["code_interpreter"].is_ours


def test_a_checkout_has_the_entries_of_its_pyproject_whatever_was_installed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert registry._from_checkout() == declared
    group = Group(registry.TOOLS, lambda entry, plugin: plugin)
    ours = {name: entry.reference for name, entry in group.entries().items() if entry.is_ours}
    assert ours == declared[registry.TOOLS]


def test_every_entry_of_ours_can_be_loaded() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group, entries in declared.items():
        for name, reference in entries.items():
            entry = PluginEntry(group, name, reference, registry.DISTRIBUTION)
            assert entry.load() is not None, entry
