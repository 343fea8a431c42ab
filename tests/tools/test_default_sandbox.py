"""Own kernels for which nobody asked for a sandbox, and the limits of own kernels."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.sandboxes import needs_sandbox
from support.service_session import bench
from support.tool_results import python, result_of, text_of

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.limits import MEGABYTE, KernelLimits, limits_of

CODE = {"type": "code_interpreter"}


LOOK = """
import os, pathlib, socket, sys
import pandas, matplotlib.pyplot
def seen(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError as error:
        return type(error).__name__
served, data, runtime = {served!r}, {data!r}, {runtime!r}
print(seen(served + "/table.csv"), seen(served + "/.env") or "empty", seen(runtime) or "empty")
print(sorted(seen(data)), sorted(seen(data + "/threads")) == [".service", os.path.basename(os.getcwd())])
for path in (served + "/made.txt", sys.prefix + "/made.txt", "/mnt/data/made.txt"):
    try:
        open(path, "w").close()
        print("written", os.path.basename(os.path.dirname(path)) == os.path.basename(os.getcwd()))
    except OSError as error:
        print(error.strerror)
print(os.environ.get("LAB_NAMED"), os.environ.get("SENTRY_DSN"), len(os.listdir("/proc")) < 200)
socket.create_connection(("127.0.0.1", {port}), timeout=5).close()
print("connected", [p for p in os.listdir("/proc") if p.isdigit()].__len__() < 10)
"""


@pytest.mark.slow
@needs_sandbox
async def test_it_sees_the_persons_files_and_the_network_and_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    served, data = tmp_path / "served", tmp_path / "served" / "data"
    runtime = served / "runtime"
    runtime.mkdir(parents=True)
    (runtime / "jpserver-1.json").write_text('{"token": "canary"}')
    (served / "table.csv").write_text("a,b")
    (served / ".env").write_text("KEY=canary")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("LAB_NAMED", "7")
    monkeypatch.setenv("SENTRY_DSN", "canary")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        names = {"served": str(served), "data": str(data), "runtime": str(runtime)}
        code = LOOK.format(port=port, **names)
        kernels = SimpleNamespace(root_dir=str(served))
        options: dict[str, Any] = {"sandbox": "always", "kernel_environment": ("LAB_*",)}
        async with bench(data, python(code), "Done.", server_kernels=kernels, **options) as b:
            await b.begin(CODE)
            shown = await result_of(b)
            assert shown.status == "ok", shown
            assert text_of(shown).splitlines() == [
                "a,b PermissionError empty",
                "['threads'] True",
                "Read-only file system",
                "Read-only file system",
                "written True",
                "7 None True",
                "connected True",
            ]
            assert shown.place == f"kernel {b.thread_id}"


@pytest.mark.slow
async def test_without_bubblewrap_auto_goes_on_and_always_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with bench(tmp_path / "auto", python("print(6 * 7)"), "42", sandbox="auto") as b:
        await b.begin(CODE)
        assert text_of(await result_of(b)) == "42\n"
        report = await b.ask("GET", "/doctor")
        [check] = [each for each in report.checks if each.id == "sandbox"]
        assert check.status == "warning" and "bubblewrap" in check.detail
    async with bench(tmp_path / "always", python("1"), "1", sandbox="always") as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert "sandbox is 'always'. The sandbox needs bubblewrap" in run.last_error.message


@needs_sandbox
@pytest.mark.parametrize(("user", "is_limited"), [(0, False), (1000, True)])
async def test_the_doctor_says_whether_processes_are_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, is_limited: bool
) -> None:
    """Linux counts none of root's, so that a sandbox of root's gets another user where that works."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(sandbox, "maps_users", lambda bwrap: False)
    async with bench(tmp_path, sandbox="auto") as b:
        report = await b.ask("GET", "/doctor")
        [check] = [each for each in report.checks if each.id == "sandbox"]
        assert check.status == "ok"
        assert ("does not limit their processes" not in check.detail) is is_limited


@pytest.mark.slow
@needs_sandbox
async def test_a_thread_can_opt_out_of_auto_and_not_of_always(tmp_path: Path) -> None:
    free = {"code_interpreter": {"sandbox": False}}
    look = python("import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 10)")
    for mode, is_sandboxed in (("auto", False), ("always", True)):
        async with bench(tmp_path / mode, look, "1", look, "2", sandbox=mode) as b:
            await b.begin(CODE)
            assert text_of(await result_of(b)) == "True\n"
            await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=free)
            assert text_of(await result_of(b)) == f"{is_sandboxed}\n"


@pytest.mark.slow
@needs_sandbox
async def test_a_module_that_sandboxed_code_left_is_not_imported_outside(tmp_path: Path) -> None:
    leave = python("open('/mnt/data/colorsys.py', 'w').write('LEFT = 1')")
    look = python(
        "import colorsys, os; print(hasattr(colorsys, 'LEFT'), os.listdir('from-sandbox'))"
    )
    async with bench(tmp_path, leave, "1", look, "2", sandbox="auto") as b:
        await b.begin(CODE)
        await result_of(b)
        free = {"code_interpreter": {"sandbox": False}}
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=free)
        shown = await result_of(b)
        assert text_of(shown).startswith("False") and "colorsys.py" in text_of(shown)
        assert "are in /mnt/data/from-sandbox now" in shown.note


MEMORY = "a = bytearray(700_000_000)"
BIG_FILE = "f = open('big', 'wb')\nfor _ in range(5): f.write(b'x' * 1_000_000); f.flush()"


@pytest.mark.slow
@needs_sandbox
async def test_a_limit_that_is_reached_is_named_and_the_model_knows_it(tmp_path: Path) -> None:
    script = (python(MEMORY), "1", python(BIG_FILE), "2", python("print(1)"), "3")
    limits: dict[str, Any] = {
        "kernel_memory": 512,
        "kernel_file_size": 3,
        "kernel_processes": 100,
        "kernel_disk": 1024,
    }
    async with bench(tmp_path, *script, sandbox="always", **limits) as b:
        await b.begin(CODE)
        memory = await result_of(b)
        assert (
            "The kernel may use at most 512 MB of memory, 100 processes and threads, 3 MB for one "
            "file, 1 GB for all files, with all processes that it starts. If it uses more it is ended"
            in b.model.requests[0].instructions
        )
        assert "memory is limited to 512 MB (setting kernel_memory)" in memory.note
        file = await result_of(b)
        assert "A file is limited to 3 MB (setting kernel_file_size)" in file.note
        assert (tmp_path / "threads" / b.thread_id / "big").stat().st_size <= 3 * MEGABYTE
        assert (await result_of(b)).note is None


def test_errors_are_explained_by_the_limit_that_they_show() -> None:
    limits = KernelLimits(memory=512 * MEGABYTE, processes=7, file=3 * MEGABYTE)

    def explain(name: str, text: str) -> str:
        return limits.explain("error", [{"output_type": "error", "ename": name, "evalue": text}])

    assert "kernel_memory" in explain("_ArrayMemoryError", "Unable to allocate 9 GiB")
    assert "kernel_processes" in explain("RuntimeError", "can't start new thread")
    assert "kernel_processes" in explain(
        "BlockingIOError", "[Errno 11] Resource temporarily unavailable"
    )
    assert "kernel_file_size" in explain("OSError", "[Errno 27] File too large")
    assert explain("ValueError", "no") == ""
    assert "512 MB" in limits.explain("died", [])
    assert KernelLimits().explain("died", []) == "" == KernelLimits().describe()


def test_the_settings_name_megabytes_and_a_share_of_the_machine() -> None:
    found = limits_of(512, 7, 3, 9)
    assert found == KernelLimits(512 * MEGABYTE, 7, 3 * MEGABYTE, 9 * MEGABYTE)
    assert limits_of(-1, 0, 0, 0) == KernelLimits()
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert limits_of(0, 0, 0, 0).memory == int(whole * 0.75)
