"""Whether outputs that were made again agree with those that were recorded.

Numbers agree within a tolerance, other text must be equal, and an image agrees with an image; that
two images differ in their bytes is said, for other versions of a library draw them a little
differently. Both the server and the kernel side import this: the standard library only.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.kernels.outputs import Output, images, logs_text, without_ansi

TOLERANCE = 1e-6
MAX_TEXT = 20_000
_SHOWN = 60

Fact = dict[str, Any]
"""What an output says: ``text``, ``image`` or ``error``, small enough to be kept in metadata."""

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?(?![\w])")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_SPACE = re.compile(r"\s+")


@dataclass
class Agreement:
    """The outcome of a comparison.

    Parameters
    ----------
    differences
        A sentence each; none if the outputs agree.
    notes
        What is not the same, and no difference either.
    """

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def facts(outputs: Iterable[Output]) -> list[Fact]:
    """Return what outputs say, without the bytes of images."""
    found: list[Fact] = []
    for output in outputs:
        pictures = images([output])
        for mime, data in pictures:
            found.append(
                {"kind": "image", "mime": mime, "sha256": hashlib.sha256(data).hexdigest()}
            )
        if output.get("output_type") == "error":
            found.append(
                {"kind": "error", "text": f"{output['ename']}: {output['evalue']}"[:MAX_TEXT]}
            )
        elif not pictures and not _is_warning(output):
            _add_text(found, without_ansi(logs_text([output])))
    return found


def compare(recorded: Sequence[Fact], now: Sequence[Fact]) -> Agreement:
    """Compare what was recorded with what there is now."""
    found = Agreement()
    _compare_texts(_of(recorded, "text"), _of(now, "text"), found)
    _compare_images(_of(recorded, "image"), _of(now, "image"), found)
    old = [each["text"] for each in _of(recorded, "error")]
    new = [each["text"] for each in _of(now, "error")]
    if old != new:
        found.differences.append(f"{_error(new)} now, {_error(old)} when it was recorded")
    return found


def _is_warning(output: Output) -> bool:
    # Warnings come and go with versions and paths; nobody's result is in them.
    return output.get("output_type") == "stream" and output.get("name") == "stderr"


def _add_text(found: list[Fact], text: str) -> None:
    if not text.strip():
        return
    if found and found[-1]["kind"] == "text":
        text = found.pop()["text"] + text
    found.append({"kind": "text", "text": text[:MAX_TEXT]})


def _of(facts: Sequence[Fact], kind: str) -> list[Fact]:
    return [each for each in facts if each.get("kind") == kind]


def _error(errors: Sequence[str]) -> str:
    return f"the error {_short(errors[0])}" if errors else "no error"


def _compare_images(old: Sequence[Fact], new: Sequence[Fact], found: Agreement) -> None:
    if len(old) != len(new):
        found.differences.append(f"{_count(len(new))} now, {_count(len(old))} when it was recorded")
        return
    other = sum(one.get("sha256") != two.get("sha256") for one, two in zip(old, new, strict=True))
    if other:
        found.notes.append(f"{_count(other)} differ{'s' if other == 1 else ''} in the bytes")


def _count(images: int) -> str:
    return f"{images} image{'' if images == 1 else 's'}"


def _compare_texts(old: Sequence[Fact], new: Sequence[Fact], found: Agreement) -> None:
    one, two = ("".join(each["text"] for each in facts) for facts in (old, new))
    pieces, others = _pieces(one), _pieces(two)
    for piece, other in zip(pieces, others, strict=False):
        if not _agree(piece, other):
            found.differences.append(f"{_short(other)} now, {_short(piece)} when it was recorded")
            return
    if len(pieces) != len(others):
        longer, where = (pieces, "recorded") if len(pieces) > len(others) else (others, "there now")
        extra = longer[min(len(pieces), len(others))]
        found.differences.append(f"{_short(extra)} is only {where}")


def _pieces(text: str) -> list[str]:
    """Return the numbers and what stands between them, without regard to spaces."""
    text = _ADDRESS.sub("0x…", text)
    pieces, at = [], 0
    for number in _NUMBER.finditer(text):
        pieces += [text[at : number.start()], number[0]]
        at = number.end()
    pieces.append(text[at:])
    return [piece for piece in (_SPACE.sub(" ", p).strip(" -|+:") for p in pieces) if piece]


def _agree(one: str, two: str) -> bool:
    if one == two:
        return True
    try:
        a, b = (float(x.rstrip("%").replace(",", "").replace("_", "")) for x in (one, two))
    except ValueError:
        return False
    return one.endswith("%") == two.endswith("%") and math.isclose(
        a, b, rel_tol=TOLERANCE, abs_tol=1e-12
    )


def _short(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
