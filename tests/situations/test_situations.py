"""Each situation ends in its documented state, from the server and from a cell, in a real kernel."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from typing import Any

import pytest
import zmq
from support.echo_model import question
from support.house import DEADLINE, House
from support.paths import DOCS
from support.situation_table import SITUATIONS, Situation

pytestmark = pytest.mark.slow

DOCS = DOCS / "kernels.md"
BY_NAME = {situation.name: situation for situation in SITUATIONS}


class Server:
    """The server runs the code in a live kernel."""

    place = "server"

    def __init__(self, house: House) -> None:
        self.house = house
        kernel = {"code_interpreter": {"kernel_id": house.kernels["server"]}}
        self.thread_id = house.new_thread(tool_resources=kernel)

    def start(self, code: str, *, stdin: bool = False) -> None:
        body = {
            "assistant_id": self.house.assistant_id,
            "additional_messages": [{"role": "user", "content": question(code)}],
            "jupyter": {"approval": "auto", "allow_stdin": stdin},
        }
        self.house.api("POST", f"/threads/{self.thread_id}/runs", body)

    def answer(self) -> None:
        run = wait_for(
            lambda: [
                r for r in self.house.runs(self.thread_id) if r["jupyter"].get("input_request")
            ]
        )[0]
        assert run["jupyter"]["input_request"]["prompt"] == "Name? "
        path = f"/threads/{self.thread_id}/runs/{run['id']}/input_reply"
        self.house.api("POST", path, {"value": "Ada"})

    def finish(self) -> None:
        pass


class Cell:
    """``%%assistant`` runs the code in its own kernel."""

    place = "cell"

    def __init__(self, house: House) -> None:
        self.house = house
        self.thread_id = house.new_thread()
        self.running: threading.Thread | None = None

    def start(self, code: str, *, stdin: bool = False) -> None:
        cell = (
            f"%%assistant echo --yes --raw --no-context --thread {self.thread_id}\n{question(code)}"
        )
        session = self.house.sessions["cell"]

        def run() -> None:
            # The kernel may die under the cell: what came of the run, the server knows.
            with contextlib.suppress(TimeoutError, RuntimeError, zmq.ZMQError):
                session.run(cell, answers=["Ada"] if stdin else None, timeout=DEADLINE)

        self.running = threading.Thread(target=run)
        self.running.start()

    def answer(self) -> None:
        """Typed by the session."""

    def finish(self) -> None:
        assert self.running is not None
        self.running.join(2 if self.lost else DEADLINE)

    lost = False


Place = Server | Cell


def wait_for(look: Any, seconds: float = DEADLINE) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def began(place: Place) -> None:
    """Wait until the code of the newest run runs: the model has called and nobody waits."""

    def look() -> bool:
        runs = place.house.runs(place.thread_id)
        if not runs or runs[-1]["status"] not in ("in_progress", "requires_action"):
            return False
        path = f"/threads/{place.thread_id}/runs/{runs[-1]['id']}/steps"
        return bool(place.house.api("GET", path)["data"])

    wait_for(look)
    # That the kernel works on it nobody outside can see; half a second is what a person takes.
    time.sleep(1.0)


def cell_of_user(place: Place, code: str) -> None:
    """Run something in the notebook, without waiting for its end."""
    session = place.house.sessions[place.place]
    session.client.execute(code, stop_on_error=True)
    time.sleep(0.3)


def carry_out(place: Place, situation: Situation) -> None:
    name = place.place
    if situation.during == "busy":
        cell_of_user(place, "import time; time.sleep(1.5); order = ['cell']")
    if situation.during == "failing" and name == "server":
        cell_of_user(place, "import time; time.sleep(0.7); 1 / 0")
    place.start(situation.code, stdin=situation.during == "answer")
    match situation.during:
        case "answer":
            place.answer()
        case "interrupt":
            began(place)
            place.house.interrupt(name)
        case "cancel":
            began(place)
            run = place.house.runs(place.thread_id)[-1]
            place.house.api("POST", f"/threads/{place.thread_id}/runs/{run['id']}/cancel")
        case "restart":
            began(place)
            place.house.restart(name)
        case "kill":
            began(place)
            place.house.kill(name)


def text_of(run: dict[str, Any], call: dict[str, Any]) -> str:
    outputs = call.get("outputs") or []
    texts = [str(o.get("text") or o.get("evalue") or "") + str(o.get("ename", "")) for o in outputs]
    texts += ["".join(o.get("traceback", [])) for o in outputs]
    texts += [str(o["data"].get("text/plain", "")) for o in outputs if "data" in o]
    return "\n".join([*texts, call.get("note") or "", (run["last_error"] or {}).get("message", "")])


@pytest.mark.parametrize("kind", [Server, Cell], ids=["server", "cell"])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_situation_ends_in_its_documented_state(
    house: House, name: str, kind: type[Server] | type[Cell]
) -> None:
    situation, place = BY_NAME[name], kind(house)
    wanted = situation.server if place.place == "server" else situation.in_cell
    place.lost = wanted == "failed"
    carry_out(place, situation)
    run = house.until_over(place.thread_id)
    place.finish()
    call = house.call_of(run)
    state = run["status"] if run["status"] != "completed" else call.get("status")
    text = text_of(run, call)
    short = text[:1000] + text[-1000:]
    said = situation.told_in(place.place) in text, situation.not_told in text
    assert (state, *said) == (wanted, True, False), short
    images = [o for o in call.get("outputs") or [] if "image/png" in o.get("data", {})]
    assert len(images) == situation.images
    if wanted in ("died", "failed"):
        revive(house, place.place)
    if situation.after is None:
        return
    code, expected = situation.after
    after = Server(house) if place.place == "server" else Cell(house)
    after.start(code)
    run = house.until_over(after.thread_id)
    after.finish()
    call = house.call_of(run)
    assert call.get("status") == "ok" and expected in text_of(run, call), (run, call)


def revive(house: House, name: str) -> None:
    """Wait for the kernel's new process; a front end connects to it anew."""
    if name == "cell":
        wait_for(lambda: house.ask("GET", f"/api/kernels/{house.kernels[name]}"))
        house.connect(name)
    else:
        house.connect(name)


def test_the_documentation_has_the_same_table() -> None:
    text = DOCS.read_text("utf-8").split("## Situations")[1]
    rows = re.findall(r"^\| ([^|]+?) \| `(\w+)` \| `(\w+)` \| ([^|]*) \|$", text, re.MULTILINE)
    shown = {name.replace("`", ""): (server, cell) for name, server, cell, _ in rows}
    assert shown == {s.name: (s.server, s.in_cell) for s in SITUATIONS}
    assert len(SITUATIONS) >= 30
