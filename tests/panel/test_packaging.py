"""The panel as it is built, installed and shipped."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.live_server import lean
from support.paths import ROOT

BUILT = ROOT / "jupyter_assistants" / "labextension"
SHARED = "share/jupyter/labextensions/jupyter-assistants"

pytestmark = pytest.mark.slow


def test_jupyterlab_lists_the_panel_as_enabled_and_as_ours() -> None:
    command = [sys.executable, "-m", "jupyter", "labextension", "list"]
    found = subprocess.run(command, capture_output=True, text=True, env=lean(os.environ))
    (line,) = [
        line for line in (found.stdout + found.stderr).splitlines() if "jupyter-assistants" in line
    ]
    assert "enabled" in line and "OK" in line and "(python, jupyter_assistants)" in line


def test_the_panel_is_small() -> None:
    scripts = list((BUILT / "static").glob("*.js"))
    assert scripts
    assert sum(path.stat().st_size for path in scripts) < 400_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < 130_000


def test_the_wheel_brings_the_panel_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    # The panel is built; what its hook needs would be fetched.
    command += ["--no-build-isolation", "-w", str(tmp_path), str(ROOT)]
    environ = {**os.environ, "HATCH_BUILD_NO_HOOKS": "true"}
    subprocess.run(command, check=True, timeout=110, env=environ)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    shared = [name.split("/data/", 1)[1] for name in names if "/data/share/" in name]
    assert f"{SHARED}/install.json" in shared
    assert f"{SHARED}/package.json" in shared
    assert any(name.startswith(f"{SHARED}/static/remoteEntry") for name in shared)
    assert not any(name.startswith("jupyter_assistants/labextension") for name in names)
    assert not any("node_modules" in name for name in names)


def test_the_lock_file_has_no_addresses_of_private_hosts() -> None:
    lock = (ROOT / "labextension" / "yarn.lock").read_text("utf-8")
    assert "resolution:" in lock
    assert "http://" not in lock and "https://" not in lock


def test_the_server_extension_is_on_by_default() -> None:
    command = [sys.executable, "-m", "jupyter", "server", "extension", "list"]
    found = subprocess.run(command, capture_output=True, text=True, env=lean(os.environ))
    assert "jupyter_assistants enabled" in (found.stdout + found.stderr).replace(
        "\x1b[32m", ""
    ).replace("\x1b[0m", "")


def test_the_panel_is_known_by_the_name_of_its_package() -> None:
    package = json.loads((ROOT / "labextension" / "package.json").read_text("utf-8"))
    assert package["name"] == "jupyter-assistants"
    assert package["jupyterlab"]["outputDir"] == "../jupyter_assistants/labextension"
