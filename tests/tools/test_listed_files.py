"""The working folder as code lists it: one entry for each file, and nothing of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.live_kernel import live
from support.sandboxes import needs_sandbox
from support.service_session import Bench, bench
from support.tool_results import python, result_of, text_of

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
TOTAL = """
import glob, os, pathlib
print(sum(int(open(f"/mnt/data/{name}").read()) for name in os.listdir("/mnt/data")))
print(sorted(os.listdir("/mnt/data")), sorted(glob.glob("/mnt/data/*")) == sorted(
    str(path) for path in pathlib.Path("/mnt/data").iterdir()))
print([sorted(names) for names in list(os.walk("/mnt/data"))[0][1:]])
"""
LISTED = "15\n['a.txt', 'b.txt'] True\n[[], ['a.txt', 'b.txt']]\n"
BY_ID = """
import os, pathlib, subprocess
import pandas as pd
print(open("/mnt/data/{id}").read(), pd.read_csv("/mnt/data/{id}").columns[0])
print(pathlib.Path("/mnt/data/{id}").read_text(), os.path.exists("/mnt/data/{id}"))
print(subprocess.run(["cat", "/mnt/data/{id}"], capture_output=True, text=True).stdout)
!cat /mnt/data/{id}
"""
FOUND = "{0} {0}\n{0} True\n{0}\n{0}"


async def attach(b: Bench, **contents: str) -> list[str]:
    """Attach files to the thread; give their ids."""
    files = [
        await b.upload(name.replace("_", "."), text.encode()) for name, text in contents.items()
    ]
    resources = {"code_interpreter": {"file_ids": [file.id for file in files]}}
    await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=resources)
    return [file.id for file in files]


@pytest.mark.parametrize("sandbox", [pytest.param("always", marks=needs_sandbox), "never"])
async def test_attached_files_are_listed_once_in_an_own_kernel(
    tmp_path: Path, sandbox: Any
) -> None:
    long = python("print('word ' * 3000)")
    script = [long, "1", python(TOTAL), "2"]
    async with bench(tmp_path, *script, sandbox=sandbox) as b:
        await b.begin(CODE)
        await attach(b, a_txt="10", b_txt="5")
        # A long output is saved, and that is no file of the person either.
        await result_of(b)
        assert text_of(await result_of(b)) == LISTED


@pytest.mark.parametrize("sandbox", [pytest.param("always", marks=needs_sandbox), "never"])
async def test_a_file_is_opened_by_its_id_whoever_opens_it(tmp_path: Path, sandbox: Any) -> None:
    ids: list[str] = []

    def look(at: int) -> Any:
        return lambda request: python(BY_ID.replace("{id}", ids[at]))

    async with bench(tmp_path, look(0), "1", look(1), "2", sandbox=sandbox) as b:
        await b.begin(CODE)
        ids += await attach(b, a_txt="10", **{"it's my_csv": "7"})
        assert text_of(await result_of(b)) == FOUND.format("10")
        assert text_of(await result_of(b)) == FOUND.format("7")


async def test_attached_files_are_listed_once_in_a_live_kernel(tmp_path: Path) -> None:
    async with live(tmp_path, python("1"), "1") as (b, kernel_id):
        files = [await b.upload(name, text) for name, text in (("a.txt", b"10"), ("b.txt", b"5"))]
        resources = {"kernel_id": kernel_id, "file_ids": [file.id for file in files]}
        await b.ask(
            "POST", f"/threads/{b.thread_id}", tool_resources={"code_interpreter": resources}
        )
        here = sorted(path.name for path in tmp_path.iterdir())
        run = await b.run(jupyter={"approval": "auto"})
        assert run.status == "completed", run.last_error
        new = {path.name for path in tmp_path.iterdir()} - set(here)
        assert new == {"a.txt", "b.txt"}


@needs_sandbox
async def test_code_in_a_sandbox_cannot_change_what_the_service_remembers(tmp_path: Path) -> None:
    code = """
import os, pathlib
service = pathlib.Path("/mnt/data").resolve().parent / ".service"
for path in service.rglob("*"):
    try:
        (path / "x" if path.is_dir() else path).write_text("x")
        print("written", path.name)
    except OSError as error:
        print(error.strerror, path.name)
"""
    async with bench(tmp_path, python(code), "1", sandbox="always") as b:
        await b.begin(CODE)
        [file_id] = await attach(b, a_txt="10")
        assert "written packages" in text_of(await result_of(b)).splitlines()
        service = b.service.executors.outputs_folder(b.thread_id).parent
    names = {path.relative_to(service).as_posix() for path in service.rglob("*")}
    folders = {"links", "names", "outputs", "packages"}
    files = {"had-a-kernel", f"links/{file_id}", f"names/{file_id}", "packages/x"}
    assert names == folders | files
    assert (service / "names" / file_id).read_text() == "a.txt"
    assert (service / "had-a-kernel").read_text() == ""
