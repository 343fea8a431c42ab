"""Files that come in parts (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
from support.forms import form

from jupyter_assistants.api.forms import FILE_FORM, PART_FORM
from jupyter_assistants.protocol.uploads import Upload, UploadPart

BODY = {"filename": "big.bin", "purpose": "assistants", "bytes": 10, "mime_type": "text/plain"}


async def service_of(jp_serverapp: Any) -> Any:
    return await jp_serverapp.web_app.settings["jupyter_assistants"].ready()


async def add(ask: Any, upload: dict[str, Any], data: bytes) -> str:
    sent = form(("data", "upload", data))
    answer = await ask("POST", f"/uploads/{upload['id']}/parts", **sent)
    assert answer.status == 200, answer.body
    assert answer.json == {
        "id": answer.json["id"],
        "created_at": answer.json["created_at"],
        "object": "upload.part",
        "upload_id": upload["id"],
    }
    return str(answer.json["id"])


def kept(data_dir: Path) -> list[bytes]:
    return [path.read_bytes() for path in (data_dir / "files").rglob("*") if path.is_file()]


async def test_parts_become_a_file_in_the_order_of_their_ids(
    ask: Any, made: Any, data_dir: Path
) -> None:
    upload = await made("POST", "/uploads", BODY)
    assert upload["object"] == "upload" and upload["status"] == "pending"
    assert upload["expires_at"] == upload["created_at"] + 3600 and upload["file"] is None
    assert "mime_type" not in upload
    second, first = await add(ask, upload, b"world"), await add(ask, upload, b"hello")
    md5 = hashlib.md5(b"helloworld").hexdigest().upper()
    body = {"part_ids": [first, second], "md5": md5}
    done = await made("POST", f"/uploads/{upload['id']}/complete", body)
    assert done == {**upload, "status": "completed", "file": done["file"]}
    file = done["file"]
    assert (file["object"], file["filename"], file["bytes"]) == ("file", "big.bin", 10)
    assert await made("GET", f"/files/{file['id']}") == file
    assert (await ask("GET", f"/files/{file['id']}/content")).body == b"helloworld"
    assert kept(data_dir) == [b"helloworld"]


async def test_the_file_expires_when_the_upload_says_so(ask: Any, made: Any) -> None:
    expiry = {"anchor": "created_at", "seconds": 7200}
    upload = await made("POST", "/uploads", {**BODY, "bytes": 0, "expires_after": expiry})
    file = (await made("POST", f"/uploads/{upload['id']}/complete", {"part_ids": []}))["file"]
    assert file["expires_at"] == file["created_at"] + 7200


async def test_wrong_bytes_are_refused_and_the_upload_goes_on(ask: Any, made: Any) -> None:
    upload = await made("POST", "/uploads", BODY)
    path = f"/uploads/{upload['id']}/complete"
    five, rest = await add(ask, upload, b"hello"), await add(ask, upload, b"world")
    short = await ask("POST", path, {"part_ids": [five]})
    assert (short.status, short.error["param"], short.error["code"]) == (400, "part_ids", None)
    text = f"Upload {upload['id']} declared 10 bytes, but its parts hold 5."
    assert short.error["message"] == text
    wrong = await ask("POST", path, {"part_ids": [five, rest], "md5": "0" * 32})
    assert (wrong.status, wrong.error["param"]) == (400, "md5")
    assert wrong.error["message"] == "The md5 checksum of the uploaded bytes does not match."
    unknown = await ask("POST", path, {"part_ids": [five, "part_x"]})
    assert (unknown.status, unknown.error["param"]) == (404, "part_ids")
    assert unknown.error["message"] == "No upload part found with id 'part_x'."
    other = await made("POST", "/uploads", BODY)
    foreign = await add(ask, other, b"world")
    assert (await ask("POST", path, {"part_ids": [five, foreign]})).status == 404
    assert (await ask("POST", path, {"part_ids": [five, rest]})).status == 200


@pytest.mark.parametrize("ending", ["completed", "cancelled", "expired"])
async def test_an_upload_that_is_over_takes_nothing(
    ask: Any, made: Any, jp_serverapp: Any, data_dir: Path, ending: str
) -> None:
    service = await service_of(jp_serverapp)
    upload = await made("POST", "/uploads", {**BODY, "bytes": 5})
    path = f"/uploads/{upload['id']}"
    part = await add(ask, upload, b"hello")
    if ending == "completed":
        await made("POST", path + "/complete", {"part_ids": [part]})
    elif ending == "cancelled":
        gone = await made("POST", path + "/cancel")
        assert (gone["status"], gone["file"]) == ("cancelled", None)
        assert kept(data_dir) == []
    else:
        stored = service.storage.get(Upload, upload["id"])
        service.storage.save(stored.changed(expires_at=int(time.time()) - 1), owner="x")
    text = f"Upload {upload['id']} has status '{ending}' and does not accept this request."
    for answer in (
        await ask("POST", path + "/parts", **form(("data", "upload", b"more"))),
        await ask("POST", path + "/complete", {"part_ids": [part]}),
        await ask("POST", path + "/cancel"),
    ):
        assert (answer.status, answer.error["message"]) == (400, text)
        assert answer.error["param"] is None


async def test_only_one_of_many_completions_makes_the_file(ask: Any, made: Any) -> None:
    upload = await made("POST", "/uploads", {**BODY, "bytes": 5})
    part = await add(ask, upload, b"hello")
    path = f"/uploads/{upload['id']}/complete"
    answers = await asyncio.gather(*(ask("POST", path, {"part_ids": [part]}) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]
    assert len((await made("GET", "/files"))["data"]) == 1


async def test_an_upload_expires_by_itself_and_its_parts_go(
    ask: Any, made: Any, jp_serverapp: Any, data_dir: Path
) -> None:
    service = await service_of(jp_serverapp)
    upload = await made("POST", "/uploads", BODY)
    part = await add(ask, upload, b"hello")
    past = int(time.time()) - 1
    for kind, id in ((Upload, upload["id"]), (UploadPart, part)):
        service.storage.save(service.storage.get(kind, id).changed(expires_at=past), owner="x")
    await service.tidy()
    assert service.storage.get(Upload, upload["id"]).status == "expired"
    assert kept(data_dir) == []


async def test_a_part_above_the_limit_is_refused_and_dropped(
    ask: Any, made: Any, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PART_FORM, "limit", 1000)
    upload = await made("POST", "/uploads", BODY)
    path = f"/uploads/{upload['id']}/parts"
    for size in (1001, 3_000_000):
        answer = await ask("POST", path, **form(("data", "upload", b"x" * size)))
        assert (answer.status, answer.error["param"], answer.error["code"]) == (400, "data", None)
        text = "Invalid 'data': part too large. Expected at most 1000 bytes."
        assert answer.error["message"] == text
    assert kept(data_dir) == []


def test_the_limits_are_the_documented_ones() -> None:
    assert PART_FORM.limit == 67_108_864
    assert FILE_FORM.limit == 512 * 1024 * 1024


async def test_an_unknown_upload_is_told_before_its_bytes_are_read(ask: Any) -> None:
    for path, sent in (
        ("/parts", form(("data", "upload", b"x" * 2_000_000))),
        ("/complete", {"body": {"part_ids": []}}),
        ("/cancel", {}),
    ):
        answer = await ask("POST", f"/uploads/upload_x{path}", **sent)
        assert answer.status == 404
        assert answer.error["message"] == "No upload found with id 'upload_x'."


async def test_what_is_missing_or_wrong_is_named(ask: Any, made: Any) -> None:
    for name in BODY:
        sent = {key: value for key, value in BODY.items() if key != name}
        answer = await ask("POST", "/uploads", sent)
        assert answer.error["message"] == f"Missing required parameter: '{name}'."
    huge = await ask("POST", "/uploads", {**BODY, "bytes": 8 * 1024**3 + 1})
    assert huge.error["code"] == "integer_above_max_value"
    upload = await made("POST", "/uploads", BODY)
    path = f"/uploads/{upload['id']}/parts"
    none = await ask("POST", path, **form(("other", None, b"x")))
    assert none.error["message"] == "Missing required parameter: 'data'."
    assert (await ask("POST", path, {"data": "x"})).status == 400


async def test_a_name_with_a_path_becomes_a_name(made: Any) -> None:
    upload = await made("POST", "/uploads", {**BODY, "filename": "../../etc/passwd"})
    assert upload["filename"] == "passwd"
