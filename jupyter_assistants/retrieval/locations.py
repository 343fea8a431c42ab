"""Locations of text in files: pages, slides, cells, lines; for people and for links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

_CELLS = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Location:
    """A location in a file. What does not apply to a type of file is not set.

    Parameters
    ----------
    page, slide
        Counted from 1.
    sheet, cells
        A sheet's name, and its cells as in a formula: ``A2:C40``. Tables without sheets (CSV)
        have cells alone.
    cell
        A notebook's cell, counted from 1.
    headings
        The headings above, the outermost first. What stands beside a file's text has a heading that
        says so: ``Footer``, ``Footnote 2``; of a slide ``Notes``, of cells ``Comment``.
    lines
        First and last line, counted from 1: of the file, or of the notebook's cell.
    until
        Where it ends, if that is in another page, cell, … than where it begins.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cells: str | None = None
    cell: int | None = None
    headings: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    until: Location | None = None

    @property
    def label(self) -> str:
        """Return a short label: ``page 3``, ``Sheet1!A2:C40``, ``line 12-30``; may be empty."""
        own = self._own_label()
        if self.until is None:
            return own
        end = self.until._own_label()
        return f"{own} to {end}" if own and end and own != end else own or end

    def _own_label(self) -> str:
        beside = "".join(f", {heading}" for heading in self.headings)
        for name in ("page", "slide", "cell"):
            if getattr(self, name) is not None:
                return f"{name} {getattr(self, name)}{beside}"
        if self.cells is not None:
            cells = f"{self.sheet}!{self.cells}" if self.sheet else f"cells {self.cells}"
            return f"{cells}{beside}"
        if self.sheet is not None:
            return self.sheet
        if self.lines is not None:
            first, last = self.lines
            return f"line {first}" if first == last else f"line {first}-{last}"
        return " › ".join(self.headings)

    def narrowed(self, first: int, last: int) -> Location:
        """Return the location of some of its lines or rows, counted from 0.

        A location that has neither lines nor cells stays as it is.
        """
        if self.lines is not None:
            begin, end = self.lines
            return replace(self, lines=(min(begin + first, end), min(begin + last, end)))
        area = _CELLS.fullmatch(self.cells or "")
        if area is None:
            return self
        top, bottom = int(area[2]), int(area[4])
        rows = min(top + first, bottom), min(top + last, bottom)
        return replace(self, cells=f"{area[1]}{rows[0]}:{area[3]}{rows[1]}")

    def through(self, last: Location) -> Location:
        """Return the location from here to the end of ``last``, which comes later in the file."""
        mine, other = self.container(), last.container()
        if mine != other:
            return replace(self, until=replace(last, until=None))
        if self.lines and last.lines:
            return replace(self, lines=(self.lines[0], last.lines[1]))
        if self.cells and last.cells:
            begin, end = _CELLS.fullmatch(self.cells), _CELLS.fullmatch(last.cells)
            if begin and end:
                right = max(begin[3], end[3], key=lambda name: (len(name), name))
                left = min(begin[1], end[1], key=lambda name: (len(name), name))
                return replace(self, cells=f"{left}{begin[2]}:{right}{end[4]}")
        return self

    def container(self) -> tuple[Any, ...]:
        """Return what holds its lines or rows: two locations with the same one can be joined."""
        # Lines have one count through all headings of a file; other locations end with theirs.
        headings = () if self.lines or self.page or self.slide else self.headings
        return self.page, self.slide, self.sheet, self.cell, headings

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: what is set, and nothing else."""
        found: dict[str, Any] = {}
        for name in ("page", "slide", "sheet", "cells", "cell"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        if self.headings:
            found["headings"] = list(self.headings)
        if self.lines is not None:
            found["lines"] = list(self.lines)
        if self.until is not None:
            found["until"] = self.until.to_json()
        return found

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Return the location that :meth:`to_json` wrote."""
        values = dict(given)
        values["headings"] = tuple(values.get("headings", ()))
        if "lines" in values:
            first, last = values["lines"]
            values["lines"] = (first, last)
        if "until" in values:
            values["until"] = Location.from_json(values["until"])
        return cls(**values)


WHOLE_FILE = Location()
"""The location of a text that is the whole file."""
