"""Each situation ends in its documented state, from the server and from a cell, in a real kernel."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import Any

import pytest
import zmq
from support.echo_model import question
from support.gate import Gate
from support.house import DEADLINE, House
from support.paths import DOCS
from support.situation_table import BEGUN, HELD, SITUATIONS, Situation
from support.waiting import until

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
        run = until(
            lambda: [
                r for r in self.house.runs(self.thread_id) if r["jupyter"].get("input_request")
            ],
            seconds=DEADLINE,
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
        self.session = house.sessions["cell"]

    def start(self, code: str, *, stdin: bool = False) -> None:
        cell = (
            f"%%assistant echo --yes --raw --no-context --thread {self.thread_id}\n{question(code)}"
        )

        def run() -> None:
            # The kernel may die under the cell: what came of the run, the server knows.
            with contextlib.suppress(
                TimeoutError, ConnectionAbortedError, RuntimeError, zmq.ZMQError
            ):
                self.session.run(cell, answers=["Ada"] if stdin else None, timeout=DEADLINE)

        self.running = threading.Thread(target=run)
        self.running.start()

    def answer(self) -> None:
        """Typed by the session."""

    def finish(self) -> None:
        assert self.running is not None
        if self.lost:
            # The kernel that would say that the cell is over is gone.
            self.session.leave()
        self.running.join(DEADLINE)
        assert not self.running.is_alive()

    lost = False


Place = Server | Cell


def cell_of_user(place: Place, code: str) -> Gate:
    """Run a cell in the notebook, and return once it waits at the gate, which comes before the code."""
    gate = Gate()
    place.house.sessions[place.place].client.execute(f"{gate.wait}\n{code}", stop_on_error=True)
    gate.until_begun(DEADLINE)
    return gate


def start_behind(place: Place, code: str, gate: Gate) -> None:
    """Start a run whose code waits for a cell, and then let the cell go on."""
    place.start(code)
    if place.place == "server":

        def waits() -> bool:
            runs = place.house.runs(place.thread_id)
            return bool(runs and runs[-1]["jupyter"].get("waiting"))

        # Nobody sees that a cell of a notebook waits for another.
        until(waits, seconds=DEADLINE)
    gate.open()


def carry_out(place: Place, situation: Situation) -> None:
    name, code, gate = place.place, situation.code, Gate()
    match situation.during:
        case "busy":
            return start_behind(place, code, cell_of_user(place, "order = ['cell']"))
        case "failing" if name == "server":
            return start_behind(place, code, cell_of_user(place, "1 / 0"))
        case "answer":
            place.start(code, stdin=True)
            return place.answer()
        case "interrupt" | "cancel" | "restart" | "kill":
            place.start(code.replace(BEGUN, gate.touch).replace(HELD, gate.wait))
            gate.until_begun(DEADLINE)
        case _:
            place.start(code)
    match situation.during:
        case "interrupt":
            place.house.interrupt(name)
        case "cancel":
            run = place.house.runs(place.thread_id)[-1]
            place.house.api("POST", f"/threads/{place.thread_id}/runs/{run['id']}/cancel")
            if name == "cell":
                # Nobody but its own person stops a cell: its code ends, and then the cell learns.
                gate.open()
        case "restart":
            place.house.restart(name)
        case "kill":
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
        until(lambda: house.ask("GET", f"/api/kernels/{house.kernels[name]}"), seconds=DEADLINE)
        house.connect(name)
    else:
        house.connect(name)


def test_the_documentation_has_the_same_table() -> None:
    text = DOCS.read_text("utf-8").split("## Situations")[1]
    rows = re.findall(r"^\| ([^|]+?) \| `(\w+)` \| `(\w+)` \| ([^|]*) \|$", text, re.MULTILINE)
    shown = {name.replace("`", ""): (server, cell) for name, server, cell, _ in rows}
    assert shown == {s.name: (s.server, s.in_cell) for s in SITUATIONS}
    assert len(SITUATIONS) >= 30
