"""The playground in a real JupyterLab, with a real server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.axe import DIALOG, PLAYGROUND, check, violations
from support.browser import expect
from support.gate import Gate
from support.lab import Lab
from support.panel_page import PanelPage, ask, panel_lab, panel_page
from support.upstream import Reply, Upstream, plain, streamed
from support.waiting_reader import install_waiting_reader, waiting_text

from jupyter_assistants.models.local_servers import PORTS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

MODELS = plain({"data": [{"id": "nomic-embed"}, {"id": "small-model"}]})


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    environ = install_waiting_reader(tmp_path_factory.mktemp("reader"))
    with panel_lab(tmp_path_factory.mktemp("playground"), environ=environ) as started:
        started.write("play.ipynb", ["marker = 1"])
        yield started


@pytest.fixture(scope="module")
def page(lab: Lab) -> Iterator[PanelPage]:
    with panel_page(lab, width=1500) as opened:
        opened.open("play.ipynb")
        opened.palette("Assistants Playground")
        yield opened


def playground(page: PanelPage, tab: str = "") -> Locator:
    """Return the playground, with one of its tabs open."""
    found = page.page.locator("#jupyter-assistants-playground")
    if tab:
        found.get_by_role("tab", name=tab).click()
    return found


def accept(page: PanelPage, name: str) -> None:
    """Answer a dialog."""
    page.page.get_by_role("dialog").get_by_role("button", name=name).click()


def rows(lab: Lab, path: str) -> list[str]:
    """Return the names of what the API lists."""
    return [each["name"] for each in ask(lab, "GET", path)["data"]]


def free_port_of_a_vendor() -> int:
    """Return a port on which the server looks for models, and nothing listens."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    pytest.skip("On every port of a local model server something listens.")


def test_the_first_page_shows_the_checks_of_the_doctor(page: PanelPage) -> None:
    start = playground(page, "Start")
    expect(start.get_by_text("You are using the demo model.")).to_be_visible()
    for each in page.ask("GET", "/doctor")["checks"]:
        row = start.locator("li").filter(has_text=each["title"]).first
        expect(row).to_have_attribute("data-status", each["status"])
    check(page, "playground-start", PLAYGROUND)
    start.get_by_role("button", name="Run a kernel and call the model").click()
    expect(start.get_by_text("It was not started")).to_have_count(0, timeout=90_000)


def test_a_model_that_was_found_here_is_connected_by_one_click(page: PanelPage) -> None:
    port = free_port_of_a_vendor()
    gate = threading.Event()
    hello = streamed({"content": "Hello from a small model."})
    slow = streamed({"content": "It begins. "}, gate, {"content": "It ends."})
    answers = partial(_answer, hello=hello, slow=slow)
    with Upstream(choose=answers, models=MODELS, port=port):
        start = playground(page, "Start")
        connect = start.get_by_role("button", name="Connect ")
        again = start.get_by_role("button", name="Check again")
        # The server gives each port 300 ms, which a loaded machine may need longer for.
        for _ in range(20):
            again.click()
            expect(again).to_be_enabled(timeout=30_000)
            if connect.count():
                break
        check(page, "playground-offered", PLAYGROUND)
        connect.first.click()
        expect(start.get_by_text(f"Default model: {PORTS[port]}/small-model")).to_be_visible()
        page.new_thread()
        page.send("hello")
        page.wait_over()
        expect(page.answer).to_contain_text("Hello from a small model.")
        _see_a_run_while_it_goes_on(page, gate)
        _see_why_a_model_cannot_be_asked(page)
        playground(page, "Start").get_by_role("button", name="Disconnect ").click()
        expect(start.get_by_text("You are using the demo model.")).to_be_visible()


def _answer(body: dict[str, Any], hello: Reply, slow: Reply) -> Reply:
    return slow if "slowly" in str(body["messages"][-1]["content"]) else hello


def _see_a_run_while_it_goes_on(page: PanelPage, gate: threading.Event) -> None:
    page.send("slowly")
    expect(page.answer).to_contain_text("It begins.")
    tab = playground(page, "Runs")
    tab.get_by_label("Thread", exact=True).select_option(value=page.newest_thread())
    if tab.get_by_role("button", name="Reload").is_enabled():
        tab.get_by_role("button", name="Reload").click()
    tab.get_by_role("navigation").get_by_role("listitem").first.get_by_role("button").click()
    events = tab.get_by_role("list", name="Events").get_by_role("listitem")
    expect(events.filter(has_text="thread.message.delta")).to_have_count(1)
    expect(tab.get_by_text(" so far")).to_be_visible()
    expect(events.filter(has_text="thread.run.completed")).to_have_count(0)
    check(page, "playground-live-run", PLAYGROUND)
    gate.set()
    expect(events.last).to_contain_text("done")
    expect(events.filter(has_text="thread.run.completed")).to_have_count(1)
    expect(tab.get_by_text(" so far")).to_have_count(0)
    page.wait_over()


def _see_why_a_model_cannot_be_asked(page: PanelPage) -> None:
    tab = playground(page, "Assistants")
    option = tab.get_by_label("Model", exact=True).locator("option").filter(has_text="nomic-embed")
    expect(option).to_contain_text("It gives images, sound or vectors, and no text.")
    assert option.is_disabled()


def test_an_assistant_is_made_changed_copied_and_deleted(page: PanelPage, lab: Lab) -> None:
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="New assistant").click()
    form = tab.get_by_role("form")
    form.get_by_label("Name", exact=True).fill("Analyst")
    form.get_by_label("Instructions").fill("Be brief.")
    form.get_by_label("Temperature").fill("7")
    expect(form.get_by_text("Enter a number in 0 – 2, or leave this empty.")).to_be_visible()
    expect(form.get_by_role("button", name="Create")).to_be_disabled()
    form.get_by_label("Temperature").fill("0.2")
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    (made,) = [each for each in ask(lab, "GET", "/assistants")["data"] if each["name"] == "Analyst"]
    assert (made["instructions"], made["temperature"], made["model"]) == (
        "Be brief.",
        0.2,
        "default",
    )
    check(page, "playground-assistant", PLAYGROUND)
    form.get_by_label("Temperature").fill("")
    form.get_by_label("Response format").select_option(label="A JSON object")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    changed = ask(lab, "GET", f"/assistants/{made['id']}")
    assert changed["temperature"] is None
    assert changed["response_format"] == {"type": "json_object"}
    tab.get_by_role("button", name="Duplicate Analyst").click()
    expect(tab.get_by_role("heading", name="Edit Analyst (copy)")).to_be_visible()
    tab.get_by_role("button", name="Delete Analyst (copy)").click()
    accept(page, "Delete")
    expect(tab.get_by_role("heading", name="New assistant")).to_be_visible()
    assert "Analyst" in rows(lab, "/assistants")
    assert "Analyst (copy)" not in rows(lab, "/assistants")


def test_the_schema_of_answers_is_looked_at_while_it_is_typed(page: PanelPage, lab: Lab) -> None:
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="New assistant").click()
    form = tab.get_by_role("form")
    form.get_by_label("Name", exact=True).fill("Extractor")
    form.get_by_label("Description").fill("Takes the year out of a text.")
    form.get_by_label("Top P").fill("0.5")
    form.get_by_label("Response format").select_option(label="JSON with a schema")
    schema = form.get_by_label("Schema", exact=True)
    for wrong, said in (
        ('{"name": "year", ', "This is not valid JSON: "),
        ('{"name": "a year"}', '"name" of the schema is "a year".'),
        ('{"name": "year", "schema": []}', '"schema" must be a JSON object.'),
    ):
        schema.fill(wrong)
        expect(schema).to_have_attribute("aria-invalid", "true")
        note = page.page.locator(f"[id='{schema.get_attribute('aria-describedby')}']")
        expect(note).to_contain_text(said)
        expect(form.get_by_role("button", name="Create")).to_be_disabled()
    wanted = {"name": "year", "schema": {"type": "object"}, "strict": False}
    schema.fill(json.dumps(wanted))
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    made = ask(lab, "GET", "/assistants")["data"][0]
    assert made["response_format"]["type"] == "json_schema"
    assert made["response_format"]["json_schema"].items() >= wanted.items()
    assert (made["description"], made["top_p"]) == ("Takes the year out of a text.", 0.5)


def test_an_assistant_is_tried_in_the_panel(page: PanelPage, lab: Lab) -> None:
    made = ask(lab, "POST", "/assistants", {"model": "demo", "name": "On trial"})
    playground(page, "Files")
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="On trial demo").click()
    tab.get_by_role("button", name="Try it in the panel").click()
    expect(page.composer).to_be_focused()
    expect(page.panel.get_by_label("Assistant", exact=True)).to_have_value(made["id"])
    page.send("what can you do")
    page.wait_over()
    (run,) = page.ask("GET", f"/threads/{page.newest_thread()}/runs")["data"]
    assert run["assistant_id"] == made["id"]


def test_the_launcher_opens_the_playground(page: PanelPage) -> None:
    playground(page, "Files")
    page.palette("New Launcher")
    card = page.page.locator(".jp-LauncherCard").filter(has_text="Assistants Playground")
    card.click()
    expect(playground(page)).to_be_visible()
    expect(playground(page).get_by_role("tab", name="Files")).to_have_attribute(
        "aria-selected", "true"
    )


def test_the_json_of_a_function_is_looked_at_while_it_is_typed(page: PanelPage, lab: Lab) -> None:
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="New assistant").click()
    form = tab.get_by_role("form")
    form.get_by_label("Name", exact=True).fill("Caller")
    form.get_by_role("button", name="Add a function").click()
    function = form.get_by_label("Function 1", exact=True)
    function.fill('{"name": "get weather"}')
    expect(form.get_by_text('"name" is "get weather".')).to_be_visible()
    function.fill('{"name": ')
    expect(form.get_by_text("This is not valid JSON: ")).to_be_visible()
    check(page, "playground-function", PLAYGROUND)
    expect(form.get_by_role("button", name="Create")).to_be_disabled()
    function.fill('{"name": "get_weather", "parameters": {"type": "object", "properties": {}}}')
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    (made,) = [each for each in ask(lab, "GET", "/assistants")["data"] if each["name"] == "Caller"]
    assert [tool["type"] for tool in made["tools"]] == ["code_interpreter", "function"]
    assert made["tools"][1]["function"]["name"] == "get_weather"


def test_what_is_not_saved_is_not_lost_unasked(page: PanelPage, lab: Lab) -> None:
    ask(lab, "POST", "/assistants", {"model": "demo", "name": "Other"})
    playground(page, "Files")
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="New assistant").click()
    form = tab.get_by_role("form")
    form.get_by_label("Name", exact=True).fill("Half a na")
    tab.get_by_role("button", name="Other demo").click()
    expect(page.page.get_by_role("dialog")).to_be_visible()
    check(page, "dialog-discard", DIALOG)
    accept(page, "Cancel")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Half a na")
    tab.get_by_role("button", name="Other demo").click()
    accept(page, "Discard")
    expect(tab.get_by_role("heading", name="Edit Other")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "said"),
    [("Python", "client.beta"), ("JavaScript", "await"), ("curl", "curl")],
)
def test_an_assistant_is_copied_as_code(
    page: PanelPage, lab: Lab, language: str, said: str
) -> None:
    ask(lab, "POST", "/assistants", {"model": "demo", "name": f"As {language}"})
    playground(page, "Files")
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name=f"As {language} demo").click()
    tab.get_by_text("Copy as code").click()
    tab.get_by_label("Language of the code").select_option(label=language)
    code = tab.locator("pre")
    expect(code).to_contain_text(said)
    expect(code).to_contain_text(f"As {language}")
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Copy", exact=True).click()
    expect(tab.get_by_text("Copied.")).to_be_visible()
    assert said in page.page.evaluate("navigator.clipboard.readText()")
    assert lab.token not in code.inner_text()
    if language == "Python":
        check(page, "playground-code", PLAYGROUND)


def test_runs_steps_and_events_of_a_thread_are_inspected(page: PanelPage) -> None:
    page.new_thread()
    page.send("what can you do")
    page.wait_over()
    thread = page.ask("GET", "/threads?limit=1")["data"][0]["id"]
    tab = playground(page, "Runs")
    tab.get_by_label("Thread", exact=True).select_option(value=thread)
    run = page.ask("GET", f"/threads/{thread}/runs")["data"][0]
    expect(tab.get_by_role("heading", name=run["id"])).to_contain_text("completed")
    events = tab.get_by_role("list", name="Events").get_by_role("listitem")
    expect(events.first).to_contain_text("thread.run.created")
    expect(events.last).to_contain_text("done")
    deltas = events.filter(has_text="thread.message.delta").first
    expect(deltas.get_by_text("delta: ")).to_have_count(0)
    deltas.locator("summary").first.click()
    expect(deltas.locator("summary").nth(1)).to_be_visible()
    tab.locator("summary").filter(has_text="message_creation").click()
    check(page, "playground-runs", PLAYGROUND)
    with page.page.expect_download() as download:
        tab.get_by_role("button", name="Save the events as JSON lines").click()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert '"event":"thread.run.created"' in lines[0]
    assert '"event":"done"' in lines[-1]


def test_a_thread_without_runs_and_one_that_is_gone_say_so(page: PanelPage, lab: Lab) -> None:
    thread = ask(lab, "POST", "/threads", {"metadata": {"title": "Nothing yet"}})["id"]
    playground(page, "Files")
    tab = playground(page, "Runs")
    tab.get_by_label("Thread", exact=True).select_option(label="Nothing yet")
    expect(tab.get_by_text("This thread has no runs.")).to_be_visible()
    check(page, "playground-empty", PLAYGROUND)
    ask(lab, "DELETE", f"/threads/{thread}")
    tab.get_by_role("button", name="Reload").click()
    expect(tab.get_by_role("alert")).to_contain_text(thread)
    check(page, "playground-error", PLAYGROUND)


def test_files_are_uploaded_and_seen_being_indexed(
    page: PanelPage, lab: Lab, tmp_path: Path
) -> None:
    book = tmp_path / "book.md"
    chapters = [f"# Chapter {n}\n\nThe lantern of room {n} is green. " * 30 for n in range(40)]
    book.write_text("\n\n".join(chapters), "utf-8")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 no such thing")
    tab = playground(page, "Files")
    tab.get_by_role("button", name="New vector store").click()
    page.page.get_by_role("dialog").get_by_role("textbox").fill("Library")
    page.page.keyboard.press("Enter")
    store = tab.get_by_role("region", name="Library")
    store.locator("input[type=file]").set_input_files([book, broken])
    files = store.get_by_role("list", name="Files in this vector store")
    expect(files.get_by_role("listitem").filter(has_text="book.md")).to_have_attribute(
        "data-status", "completed", timeout=60_000
    )
    failed = files.get_by_role("listitem").filter(has_text="broken.pdf")
    expect(failed).to_have_attribute("data-status", "failed", timeout=60_000)
    expect(failed).to_contain_text("failed: ")
    (found,) = [
        each for each in ask(lab, "GET", "/vector_stores")["data"] if each["name"] == "Library"
    ]
    assert found["file_counts"] == {
        "in_progress": 0,
        "completed": 1,
        "failed": 1,
        "cancelled": 0,
        "total": 2,
    }
    store.get_by_label("Try a search").fill("lantern of room 7")
    store.get_by_role("button", name="Search").click()
    expect(store.get_by_role("list", name="Search results")).to_contain_text("lantern of room")
    check(page, "playground-files", PLAYGROUND)
    failed.get_by_role("button", name="Remove broken.pdf").click()
    expect(failed).to_have_count(0)


def test_a_file_is_seen_while_it_is_being_indexed(page: PanelPage, tmp_path: Path) -> None:
    gate = Gate()
    long = tmp_path / "long.wait"
    long.write_text(waiting_text(gate, "Lantern 1 is green."), "utf-8")
    short = tmp_path / "short.md"
    short.write_text("Lantern 0 is red.", "utf-8")
    tab = playground(page, "Files")
    tab.get_by_role("button", name="New vector store").click()
    page.page.get_by_role("dialog").get_by_role("textbox").fill("Rooms")
    page.page.keyboard.press("Enter")
    store = tab.get_by_role("region", name="Rooms")
    store.locator("input[type=file]").set_input_files([short, long])
    files = store.get_by_role("list", name="Files in this vector store").get_by_role("listitem")
    expect(files.filter(has_text="short.md")).to_contain_text("searchable", timeout=60_000)
    under_way = store.get_by_text("1 of 2 files are ready")
    expect(under_way).to_be_visible()
    expect(store.get_by_text("long.wait: reading")).to_be_visible()
    found = violations(page.page, PLAYGROUND)
    page.screenshot("playground-indexing")
    expect(files.filter(has_text="long.wait")).to_contain_text("indexing")
    assert found == []
    gate.open()
    expect(files.filter(has_text="long.wait")).to_contain_text("searchable", timeout=60_000)
    expect(under_way).to_have_count(0)


def test_files_and_a_vector_store_are_chosen_in_the_form(page: PanelPage, lab: Lab) -> None:
    tab = playground(page, "Assistants")
    tab.get_by_role("button", name="New assistant").click()
    form = tab.get_by_role("form")
    form.get_by_label("Name", exact=True).fill("Librarian")
    files = form.get_by_role("group", name="Files of the code interpreter")
    files.get_by_label("Add a file …").select_option(label="book.md")
    form.get_by_role("checkbox", name="File search").check()
    stores = form.get_by_role("group", name="Vector stores")
    stores.get_by_label("Add a vector store …").select_option(label="Library")
    # There may be one; then nothing more can be added.
    expect(stores.get_by_label("Add a vector store …")).to_have_count(0)
    check(page, "playground-resources", PLAYGROUND)
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    made = ask(lab, "GET", "/assistants")["data"][0]
    (book,) = [each for each in ask(lab, "GET", "/files")["data"] if each["filename"] == "book.md"]
    (library,) = [
        each for each in ask(lab, "GET", "/vector_stores")["data"] if each["name"] == "Library"
    ]
    assert made["tool_resources"] == {
        "code_interpreter": {"file_ids": [book["id"]]},
        "file_search": {"vector_store_ids": [library["id"]]},
    }
    files.get_by_role("button", name="Remove book.md").click()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    changed = ask(lab, "GET", f"/assistants/{made['id']}")
    assert changed["tool_resources"]["code_interpreter"] == {"file_ids": []}


def test_a_large_file_is_sent_in_parts_that_one_sees(page: PanelPage, lab: Lab) -> None:
    tab = playground(page, "Files")
    parts: list[str] = []
    page.page.on("request", lambda request: parts.append(request.url.rsplit("/", 1)[-1]))
    large = lab.root.parent / "large.csv"
    large.write_bytes(b"a,b\n1,2\n" * 1_200_000)
    if not tab.get_by_role("button", name="Upload files", exact=True).is_visible():
        tab.get_by_text("All files").click()
    tab.get_by_label("Upload files", exact=True).first.set_input_files(large)
    expect(tab.get_by_title("Download large.csv")).to_be_visible(timeout=60_000)
    assert parts.count("parts") == 3
    stored = ask(lab, "GET", "/files")["data"]
    assert [each["bytes"] for each in stored if each["filename"] == "large.csv"] == [9_600_000]
