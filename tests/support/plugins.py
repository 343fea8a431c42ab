"""The distributions of ``tests/plugins``, installed into a folder of their own.

Servers, kernels and commands of a test find them by ``PYTHONPATH``. Nothing is fetched: pip builds
them with the backend of this environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.paths import TESTS


def install_plugin(name: str, target: Path) -> None:
    """Install a distribution of ``tests/plugins`` into a folder."""
    # A copy, because a build leaves files beside its sources.
    source = shutil.copytree(TESTS / "plugins" / name, target.with_name(f"{target.name}-{name}"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def with_plugins(folder: Path) -> Mapping[str, str]:
    """Return the environment variables of a process that shall find the plug-ins."""
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="session")
def plugins_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every distribution of ``tests/plugins``, the broken one too."""
    target = tmp_path_factory.mktemp("plugins") / "installed"
    for name in ("toys", "broken"):
        install_plugin(name, target)
    return target
