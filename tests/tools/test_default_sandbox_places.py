"""What own kernels in the default sandbox need to see: packages, certificates, other environments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.sandboxes import needs_sandbox
from support.service_session import Bench, bench
from support.tool_results import python, result_of, text_of

from jupyter_assistants.kernels.default_sandbox import default_sandbox

CODE = {"type": "code_interpreter"}
ALWAYS: dict[str, Any] = {"sandbox": "always"}


def serving(folder: Path) -> SimpleNamespace:
    return SimpleNamespace(root_dir=str(folder))


async def run_code(b: Bench) -> str:
    shown = await result_of(b)
    assert shown.status == "ok", shown
    return text_of(shown)


@pytest.mark.slow
@needs_sandbox
async def test_a_package_is_imported_right_after_it_was_installed(tmp_path: Path) -> None:
    project = tmp_path / "duck"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (project / "backend.py").write_text(BACKEND)
    install = f"%pip install -q --no-deps --no-index --no-build-isolation {project}\nimport duck"
    again = "import duck; print(duck.__file__.split('/')[-2])"
    async with bench(
        tmp_path / "data",
        python(install),
        "1",
        python(again),
        "2",
        server_kernels=serving(tmp_path),
        **ALWAYS,
    ) as b:
        await b.begin(CODE)
        await run_code(b)
        assert await run_code(b) == "packages\n"


BACKEND = """
import pathlib, zipfile
INFO = "duck-1.dist-info/"
def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(pathlib.Path(folder, "duck-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("duck.py", "")
        wheel.writestr(INFO + "METADATA", "Metadata-Version: 2.1\\nName: duck\\nVersion: 1\\n")
        wheel.writestr(INFO + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(INFO + "RECORD", "duck.py,,\\n")
    return "duck-1-py3-none-any.whl"
"""


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("where", ["environments/lab", ".environments/l\u00e4b 2"])
async def test_a_kernelspec_of_another_environment_starts_wherever_that_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Its folder may be a hidden one of the folder that Jupyter serves, with blanks in its name."""
    other = tmp_path / where
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
    [packages] = other.glob("lib/python*/site-packages")
    ours = [each for each in sys.path if each.endswith("site-packages")]
    (packages / "ours.pth").write_text("\n".join(ours))
    spec = tmp_path / "share" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [str(other / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "lab", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    look = python("import sys, os; print(os.path.basename(sys.prefix), os.getpid() < 10)")
    async with bench(
        tmp_path / "data",
        look,
        "1",
        server_kernels=serving(tmp_path),
        **ALWAYS,
    ) as b:
        await b.begin(CODE)
        assert await run_code(b) == f"{other.name} True\n"


@pytest.mark.slow
@needs_sandbox
async def test_an_error_that_the_sandbox_causes_names_the_sandbox(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (tmp_path / "table.csv").write_text("a")
    codes = (
        f"open({str(tmp_path / 'table.csv')!r})",
        f"open({str(served / 'made.csv')!r}, 'w')",
        "open('mistyped.csv')",
        "open('/mnt/data/mistyped.csv')",
    )
    script = [turn for code in codes for turn in (python(code), "Done.")]
    async with bench(tmp_path / "data", *script, server_kernels=serving(served), **ALWAYS) as b:
        await b.begin(CODE)
        notes = [(await result_of(b)).note for _ in codes]
        assert f"sees no files but those of /mnt/data and {served}" in notes[0]
        assert "can write to /mnt/data and /tmp only" in notes[1]
        assert notes[2:] == [None, None]


def test_certificates_and_packages_that_variables_name_are_shown(tmp_path: Path) -> None:
    bundle, wheels = tmp_path / "company ca.pem", tmp_path / "wheels"
    bundle.write_text("certificate")
    wheels.mkdir()
    variables = {
        "SSL_CERT_FILE": str(bundle),
        "PIP_FIND_LINKS": f"https://example.org {wheels}",
        "JAVA_HOME": "/nowhere/java",
        "PYTHONPATH": "/",
        "LAB_KEYS": str(tmp_path),
    }
    box = default_sandbox(variables, [], [])
    assert {bundle, wheels} <= {*box.needed}
    assert not {tmp_path, Path("/"), Path("/nowhere/java"), Path.home()} & {*box.needed}


def test_a_configuration_of_pip_is_shown_unless_it_holds_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    configuration = tmp_path / "pip" / "pip.conf"
    configuration.parent.mkdir()
    constraints = tmp_path / "constraints.txt"
    constraints.touch()
    index = "index-url = https://mirror.example.org/simple"
    configuration.write_text(f"[global]\n{index}\nconstraint={constraints}\n")
    box = default_sandbox({}, [], [])
    assert {configuration, constraints} <= {*box.needed}
    assert box.variables["PIP_CONFIG_FILE"] == str(configuration)
    for secret in ("index-url = https://ada:pw@mirror.example.org", "client-cert = /key.pem"):
        configuration.write_text(f"[global]\n{secret}\n")
        box = default_sandbox({}, [], [])
        assert configuration not in box.needed and "PIP_CONFIG_FILE" not in box.variables
        named = default_sandbox({"PIP_CONFIG_FILE": str(configuration)}, [], [])
        assert configuration not in named.needed
