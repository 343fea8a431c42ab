"""Images in messages: shown to models that see, named to the others, never fetched."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture
from support.service_session import Bench, bench
from support.upstream import Upstream, streamed

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.base import FunctionOutput, HistoryMessage, Image, Limits
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.scripted import Scripted, call
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.runs.prompt.image_size import shrunk
from jupyter_assistants.runs.prompt.images import MAX_IMAGE_BYTES, from_data_url, image_of
from jupyter_assistants.storage.sql import SqlStorage

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


async def file_of(b: Bench, data: bytes, purpose: Any = "vision", name: str = "photo") -> str:
    return (await b.upload(name, data, purpose=purpose)).id


async def said(b: Bench, *content: dict[str, Any], vision: bool = True) -> HistoryMessage:
    """Send a message and give what the model was told of it."""
    b.model._limits = Limits(100_000, vision=vision)
    await b.begin()
    await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content=list(content))
    assert (await b.run()).status == "completed"
    entry = b.model.requests[-1].history[-1]
    assert isinstance(entry, HistoryMessage)
    return HistoryMessage(entry.role, entry.text, tuple(entry.images))


@pytest.mark.parametrize("purpose", ["vision", "assistants", "user_data"])
async def test_a_model_that_sees_gets_an_image_file_of_any_purpose(
    tmp_path: Path, purpose: str
) -> None:
    async with bench(tmp_path, "A dot.") as b:
        file_id = await file_of(b, PNG, purpose)
        entry = await said(
            b, text("What?"), {"type": "image_file", "image_file": {"file_id": file_id}}
        )
        assert entry == HistoryMessage("user", "What?", (Image(PNG, "image/png"),))


async def test_a_data_url_becomes_an_image_and_no_text(tmp_path: Path) -> None:
    async with bench(tmp_path, "A dot.") as b:
        entry = await said(b, text("What?"), picture(URL))
        assert entry == HistoryMessage("user", "What?", (Image(PNG, "image/png"),))
        wire = (await b.messages())[1].wire()["content"][1]
        assert wire == {"type": "image_url", "image_url": {"url": URL, "detail": "auto"}}


async def test_a_model_that_does_not_see_is_told_so(tmp_path: Path) -> None:
    async with bench(tmp_path, "Sorry.") as b:
        file_id = await file_of(b, PNG)
        image = {"type": "image_file", "image_file": {"file_id": file_id}}
        entry = await said(b, text("What?"), image, picture(URL), vision=False)
        assert entry == HistoryMessage("user", "What?\n[2 image(s) that this model cannot see]")


async def test_an_address_is_named_and_never_fetched(tmp_path: Path) -> None:
    with Upstream(streamed({"content": "x"})) as site:
        address = site.url + "/secret.png"
        async with bench(tmp_path, "No.") as b:
            entry = await said(b, picture(address))
            assert entry == HistoryMessage("user", f"[image at {address}, not loaded]")
        assert site.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,????",
        "data:image/png,notanimage",
        "data:",
        "DATA:image/png;base64," + base64.b64encode(PNG[:4]).decode(),
    ],
)
async def test_a_data_url_without_an_image_is_left_out_with_a_note(
    tmp_path: Path, url: str
) -> None:
    async with bench(tmp_path, "No.") as b:
        entry = await said(b, text("What?"), picture(url))
        note = "[1 image(s) that could not be read: not PNG, JPEG, GIF or WebP]"
        assert entry == HistoryMessage("user", f"What?\n{note}")


async def test_a_file_that_is_no_image_is_left_out_with_a_note(tmp_path: Path) -> None:
    async with bench(tmp_path, "No.") as b:
        file_id = await file_of(b, b"a,b", name="fake.png")
        entry = await said(b, {"type": "image_file", "image_file": {"file_id": file_id}})
        assert "could not be read" in entry.text and not entry.images


async def test_an_address_beyond_all_reason_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.begin()
        path = f"/threads/{b.thread_id}/messages"
        with pytest.raises(InvalidRequest, match="string too long"):
            await b.ask("POST", path, role="user", content=[picture("data:" + "x" * 12_100_000)])


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89arest", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"", None),
        (PNG + b"\0" * MAX_IMAGE_BYTES, None),
    ],
)
def test_an_image_is_known_by_its_bytes(data: bytes, mime: str | None) -> None:
    found = image_of(data)
    assert (found.mime if found else None) == mime


def test_a_data_url_may_be_percent_encoded_and_have_parameters() -> None:
    assert from_data_url("data:image/gif;charset=x,GIF89a%00") == Image(b"GIF89a\0", "image/gif")
    unpadded = URL.rstrip("=")
    assert from_data_url(unpadded.replace(";base64", ";name=a.png;BASE64")) == from_data_url(URL)


async def test_the_endpoint_is_sent_the_image_as_a_data_url(tmp_path: Path) -> None:
    with Upstream(streamed({"content": "A dot."})) as upstream:
        client = ModelEndpoint("mine", base_url=upstream.url, api_key="k")
        service = build(
            Settings(data_dir=tmp_path), storage=SqlStorage.in_memory(), clients={"mine": client}
        )
        await service.start()
        b = Bench(service, Scripted([]))
        made = await b.ask("POST", "/assistants", model="mine/gpt-4o")
        file_id = await file_of(b, PNG)
        image = {"type": "image_file", "image_file": {"file_id": file_id}}
        content = [text("What?"), image, picture(URL)]
        thread = await b.ask("POST", "/threads", messages=[{"role": "user", "content": content}])
        b.assistant_id, b.thread_id = made.id, thread.id
        assert (await b.run()).status == "completed"
        parts = upstream.body["messages"][-1]["content"]
        assert parts[0] == {"type": "text", "text": "What?"}
        assert [part["image_url"]["url"] for part in parts[1:]] == [URL, URL]
        await service.close()


def drawn(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """Return a real image of this size, with a cross in it."""
    picture = Picture.new(mode, (width, height))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def size_of(image: Image | None) -> tuple[int, int]:
    assert image is not None
    with Picture.open(io.BytesIO(image.data)) as picture:
        assert Picture.MIME[picture.format or ""] == image.mime
        found: tuple[int, int] = picture.size
        return found


@pytest.mark.parametrize(
    ("kind", "mode", "mime"),
    [
        ("PNG", "RGB", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("GIF", "P", "image/png"),
        ("WEBP", "RGB", "image/png"),
    ],
)
def test_a_large_image_becomes_smaller_and_keeps_its_shape(kind: str, mode: str, mime: str) -> None:
    image = image_of(drawn(1600, 400, kind, mode))
    assert image is not None
    smaller = shrunk(image, 768)
    assert smaller is not None and smaller.mime == mime
    assert size_of(smaller) == (768, 192)
    assert shrunk(image, 768) == smaller


def test_a_small_image_stays_as_it_is() -> None:
    image = image_of(drawn(768, 768))
    assert image is not None and shrunk(image, 768) is image


def test_an_image_that_would_fill_the_memory_is_left_out() -> None:
    # A page of one colour: a few kilobytes that claim to be 64 million pixels.
    image = image_of(drawn(8000, 8000, mode="1"))
    assert image is not None and len(image.data) < 100_000
    assert shrunk(image, 768) is None


def test_an_image_that_cannot_be_read_here_is_sent_unless_it_is_large() -> None:
    assert shrunk(Image(b"GIF89arest", "image/gif"), 768) == Image(b"GIF89arest", "image/gif")
    assert shrunk(Image(b"GIF89a" + b"x" * 5_000_000, "image/gif"), 768) is None


async def test_what_people_send_keeps_more_pixels_than_what_code_shows(tmp_path: Path) -> None:
    async with bench(tmp_path, "Large.") as b:
        file_id = await file_of(b, drawn(4000, 1000))
        entry = await said(b, {"type": "image_file", "image_file": {"file_id": file_id}})
    assert size_of(entry.images[0]) == (2048, 512)


@pytest.mark.slow
async def test_a_plot_reaches_the_model_with_at_most_768_pixels(tmp_path: Path) -> None:
    code = (
        "import matplotlib.pyplot as plt\n"
        "plt.figure(figsize=(20, 10), dpi=100)\nplt.plot([1, 2])\nplt.show()"
    )
    async with bench(tmp_path, [call("run_python", {"code": code})], "A line.") as b:
        await b.begin({"type": "code_interpreter"})
        assert (await b.run()).status == "completed"
        answered = b.model.requests[-1].history[-1]
        assert isinstance(answered, FunctionOutput)
        width, height = size_of(answered.images[0])
    assert width == 768 and height < 768


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://host/x.png",
        "javascript:alert(1)",
        "/etc/passwd",
        "gopher://x",
        "",
    ],
)
async def test_an_image_has_a_web_address_or_holds_itself(tmp_path: Path, url: str) -> None:
    async with bench(tmp_path, "Hi.") as b:
        await b.begin()
        path = f"/threads/{b.thread_id}/messages"
        with pytest.raises(InvalidRequest, match="begin with https://, http:// or data:") as error:
            await b.ask("POST", path, role="user", content=[text("see"), picture(url)])
        assert error.value.param == "content[1].image_url.url"
        for fine in ("https://x.example/a.png", "HTTP://x.example/a.png", URL):
            await b.ask("POST", path, role="user", content=[picture(fine)])


async def test_an_imported_image_of_another_scheme_is_not_even_named_to_a_model(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, "Hi.") as b:
        await b.begin()
        content = [picture("file:///etc/passwd")]
        entry = {"object": "thread.message", "id": "msg_1", "created_at": 1, "thread_id": "t"}
        entries = [{**entry, "role": "user", "content": content}]
        imported = await b.ask(
            "POST", "/threads/import", object="thread.export", version=1, entries=entries
        )
        b.thread_id = imported.id
        await b.run()
        assert "etc/passwd" not in repr(b.model.requests)
        assert "an image that is not loaded" in repr(b.model.requests)
