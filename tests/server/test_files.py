"""Uploads and downloads over HTTP (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.forms import form
from support.waiting import eventually

from jupyter_assistants.api.forms import FILE_FORM
from jupyter_assistants.protocol.errors import TooLarge
from jupyter_assistants.protocol.files import CreateFile, display_name
from jupyter_assistants.server.downloads import content_type
from jupyter_assistants.server.form_bodies import FormBody

PURPOSE = ("purpose", None, b"assistants")
DATA = ("file", "sales.csv", b"month,eur\njan,1\n")


def kept(data_dir: Path) -> list[Path]:
    """Return the files under the data folder that are not the database's."""
    files = data_dir / "files"
    return [path for path in files.rglob("*") if path.is_file()]


async def test_a_file_comes_back_as_it_was_sent(ask: Any, made: Any) -> None:
    answer = await ask("POST", "/files", **form(PURPOSE, DATA))
    file = answer.json
    assert answer.status == 200
    assert (file["object"], file["filename"], file["bytes"]) == ("file", "sales.csv", 16)
    assert (file["purpose"], file["status"]) == ("assistants", "processed")
    assert "expires_at" not in file
    assert await made("GET", f"/files/{file['id']}") == file
    content = await ask("GET", f"/files/{file['id']}/content")
    assert content.body == DATA[2]


@pytest.mark.parametrize("parts", [(PURPOSE, DATA), (DATA, PURPOSE)])
async def test_the_parts_may_come_in_any_order(ask: Any, parts: Any) -> None:
    expiry = [
        ("expires_after[seconds]", None, b"3600"),
        ("expires_after[anchor]", None, b"created_at"),
    ]
    file = (await ask("POST", "/files", **form(expiry[0], *parts, expiry[1]))).json
    assert file["expires_at"] == file["created_at"] + 3600


async def test_bytes_that_look_like_the_form_survive(ask: Any) -> None:
    data = b"\r\n--edg\r\n--edge-\r\n--\r\n\x00\xff" * 1000
    file = (await ask("POST", "/files", **form(("file", "a.bin", data), PURPOSE))).json
    assert (await ask("GET", f"/files/{file['id']}/content")).body == data


async def test_an_empty_file_is_a_file(ask: Any) -> None:
    file = (await ask("POST", "/files", **form(PURPOSE, ("file", "empty.txt", b"")))).json
    assert file["bytes"] == 0
    assert (await ask("GET", f"/files/{file['id']}/content")).body == b""


@pytest.mark.parametrize(
    ("parts", "param"),
    [
        ([PURPOSE], "file"),
        ([DATA], "purpose"),
        ([DATA, PURPOSE, ("expires_after[anchor]", None, b"created_at")], "expires_after.seconds"),
    ],
)
async def test_a_missing_part_is_named(
    ask: Any, data_dir: Path, parts: list[Any], param: str
) -> None:
    answer = await ask("POST", "/files", **form(*parts))
    assert answer.status == 400
    assert answer.error["message"] == f"Missing required parameter: '{param}'."
    assert answer.error["code"] == "missing_required_parameter"
    assert kept(data_dir) == []


@pytest.mark.parametrize(
    ("part", "param"),
    [
        (("purpose", None, b"nonsense"), "purpose"),
        (("expires_after[seconds]", None, b"5"), "expires_after.anchor"),
    ],
)
async def test_a_wrong_part_is_named(ask: Any, part: Any, param: str) -> None:
    answer = await ask("POST", "/files", **form(DATA, PURPOSE, part))
    assert (answer.status, answer.error["param"]) == (400, param)


async def test_two_files_in_one_form_are_refused(ask: Any, data_dir: Path) -> None:
    answer = await ask("POST", "/files", **form(PURPOSE, DATA, DATA))
    assert (answer.status, answer.error["param"]) == (400, "file")
    assert kept(data_dir) == []


@pytest.mark.parametrize(
    "request_",
    [
        {"raw": b"{}", "headers": {"Content-Type": "application/json"}},
        {"raw": b"", "headers": {}},
        {"raw": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"raw": b"nonsense", "headers": {"Content-Type": "multipart/form-data; boundary=edge"}},
        {
            "raw": form(PURPOSE, DATA)["raw"][:-12],
            "headers": {"Content-Type": "multipart/form-data; boundary=edge"},
        },
        {"raw": b"x", "headers": {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}},
    ],
)
async def test_what_is_no_whole_form_is_400(
    ask: Any, data_dir: Path, request_: dict[str, Any]
) -> None:
    answer = await ask("POST", "/files", **request_)
    assert answer.status == 400
    assert "multipart" in answer.error["message"]
    assert kept(data_dir) == []


async def test_a_form_of_a_thousand_parts_is_400(ask: Any) -> None:
    answer = await ask("POST", "/files", **form(*[PURPOSE] * 1000))
    assert answer.status == 400


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.csv", "b.csv"),
        ("a/b\\c.txt", "c.txt"),
        ("..", "upload"),
        ("", "upload"),
        ("x\u202egnp.exe", "xgnp.exe"),
        ("tab\tnul\x00.csv", "tabnul.csv"),
        ("ünï😀.csv", "ünï😀.csv"),
        ("y" * 300 + ".csv", "y" * 251 + ".csv"),
    ],
)
def test_a_file_name_is_made_fit_to_be_shown(sent: str, shown: str) -> None:
    assert display_name(sent) == shown


async def test_a_name_beyond_ascii_survives_both_ways(ask: Any) -> None:
    file = (await ask("POST", "/files", **form(PURPOSE, ("file", "Umsätze 😀.csv", b"1")))).json
    assert file["filename"] == "Umsätze 😀.csv"
    answer = await ask("GET", f"/files/{file['id']}/content")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''Ums%C3%A4tze%20%F0%9F%98%80.csv"
    )


# -- limits --------------------------------------------------------------------------------------


async def test_a_file_above_the_limit_is_refused_and_dropped(
    jp_serverapp: Any, ask: Any, data_dir: Path
) -> None:
    service = await jp_serverapp.web_app.settings["jupyter_assistants"].ready()
    sent = form(PURPOSE, ("file", "big.bin", b"x" * 3_000_000))
    small = replace(FILE_FORM, limit=2_000_000)
    content_type = sent["headers"]["Content-Type"]
    upload = FormBody(content_type, service.storage.write_file, small, CreateFile)
    with pytest.raises(TooLarge, match="Expected at most 2000000 bytes"):
        for start in range(0, len(sent["raw"]), 65536):
            await upload.receive(sent["raw"][start : start + 65536])
        await upload.finish()
    await upload.close()
    assert kept(data_dir) == []


async def test_an_announced_length_above_the_limit_is_refused_at_once(
    http_server: Any, jp_http_port: int, jp_base_url: str, token: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    lines = [
        f"POST {jp_base_url}assistants/v1/files HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Content-Type: multipart/form-data; boundary=edge",
        f"Content-Length: {FILE_FORM.longest + 1}",
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"Invalid 'file': file too large." in answer


async def test_a_client_that_goes_away_leaves_nothing_behind(
    http_server: Any, jp_http_port: int, jp_base_url: str, token: str, data_dir: Path
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    sent = form(PURPOSE, ("file", "big.bin", b"x" * 5_000_000))
    lines = [
        f"POST {jp_base_url}assistants/v1/files HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Content-Type: multipart/form-data; boundary=edge",
        f"Content-Length: {len(sent['raw'])}",
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode() + sent["raw"][:4_000_000])
    await writer.drain()
    await eventually(lambda: kept(data_dir))
    writer.transport.abort()
    await eventually(lambda: not kept(data_dir))


async def test_an_upload_without_a_declared_length_is_kept(
    http_server_client: Any, jp_base_url: str, token: str, ask: Any
) -> None:
    sent = form(PURPOSE, ("file", "big.bin", b"x" * 3_000_000))

    async def pieces(write: Any) -> None:
        for start in range(0, len(sent["raw"]), 100_000):
            await write(sent["raw"][start : start + 100_000])

    answer = await http_server_client.fetch(
        f"{jp_base_url}assistants/v1/files",
        method="POST",
        headers={**sent["headers"], "Authorization": f"Bearer {token}"},
        body_producer=pieces,
    )
    file = json.loads(answer.body)
    assert file["bytes"] == 3_000_000


# -- downloads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.PNG", "image/png"),
        ("a.json", "application/json"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.pdf", "application/octet-stream"),
        ("upload", "application/octet-stream"),
    ],
)
def test_only_harmless_types_are_told(name: str, kind: str) -> None:
    assert content_type(name) == kind


async def test_a_browser_can_only_save_a_download(ask: Any) -> None:
    page = b"<script>alert(1)</script>"
    file = (await ask("POST", "/files", **form(PURPOSE, ("file", "x.html", page)))).json
    headers = (await ask("GET", f"/files/{file['id']}/content")).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''x.html"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Content-Length"] == str(len(page))


async def test_a_deleted_file_cannot_be_downloaded(ask: Any, made: Any) -> None:
    file = (await ask("POST", "/files", **form(PURPOSE, DATA))).json
    deleted = await made("DELETE", f"/files/{file['id']}")
    assert deleted == {"id": file["id"], "object": "file", "deleted": True}
    assert (await ask("GET", f"/files/{file['id']}/content")).status == 404


async def test_the_first_rows_of_a_table_come_as_json(ask: Any, made: Any) -> None:
    file = (await ask("POST", "/files", **form(PURPOSE, ("file", "a.csv", b"a;b\n1;2\n")))).json
    assert await made("GET", f"/files/{file['id']}/table") == {
        "header": ["a", "b"],
        "rows": [["1", "2"]],
        "more": False,
        "code": 'table = pd.read_csv("a.csv", sep=";")',
        "remarks": [],
    }
