"""Figures of one piece of code: each is shown once, whatever backend of matplotlib the code chose.

With a backend for files, such as Agg, a notebook shows no figure: those of the code are lost, and all
later ones of its user. So the figures that are open when code ends are shown, and the backend of before is
set again. A figure that the code has displayed itself is not shown a second time.

This is sent to kernels as text, too, since their Python may lack this package. It needs the standard
library only, and uses matplotlib where the kernel has imported it.
"""

from __future__ import annotations

import base64
import io
import os
import sys
from typing import Any

_INLINE = ("inline", "module://matplotlib_inline.backend_inline")
_FOR_FILES = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")
_VARIABLE = "MPLBACKEND"


class FigureWatch:
    """Watches the figures of one piece of code in a shell, or of all code there.

    Parameters
    ----------
    code
        The code, as the shell gets it; None for all.
    """

    def __init__(self, shell: Any, code: str | None = None) -> None:
        self.note = ""
        """What was done to the backend, for people."""
        self._shell = shell
        self._code = code
        self._runs = False

    def register(self) -> None:
        """Wait for the code; a watch for code that never came is dropped."""
        events = self._shell.events
        for event in ("pre_run_cell", "post_run_cell"):
            for callback in list(events.callbacks[event]):
                # By its name: an earlier one may be of a module that was sent as text.
                if type(getattr(callback, "__self__", None)).__name__ == FigureWatch.__name__:
                    events.unregister(event, callback)
        events.register("pre_run_cell", self._before)
        events.register("post_run_cell", self._after)

    def _before(self, info: Any) -> None:
        if not self._runs and (self._code is None or info.raw_cell == self._code):
            self._begin()

    def _after(self, result: Any) -> None:
        if not self._runs:
            return
        self._runs = False
        try:
            self._finish()
        finally:
            self._restore_format()
            self._figures.clear()
            if self._code is not None:
                self._shell.events.unregister("pre_run_cell", self._before)
                self._shell.events.unregister("post_run_cell", self._after)

    def _begin(self) -> None:
        self._runs, self.note = True, ""
        self._backend, self._variable = _backend(), os.environ.get(_VARIABLE)
        self._unchanged = {id(f) for f in _open_figures() if not f.stale}
        self._earlier = {id(figure) for figure in _open_figures()}
        self._figures: dict[int, tuple[Any, dict[str, Any]]] = {}
        formatter = self._shell.display_formatter
        self._replaced = vars(formatter).get("format")
        self._format = formatter.format
        formatter.format = self._formatted

    def _finish(self) -> None:
        left = self._left()
        self._restore_backend()
        pyplot = sys.modules.get("matplotlib.pyplot")
        for figure in left:
            try:
                self._show(figure)
            except Exception:
                # As for a figure that the notebook's own backend cannot draw: it is the code's error.
                self._shell.showtraceback()
            if pyplot is not None and id(figure) not in self._earlier:
                pyplot.close(figure)

    def _restore_format(self) -> None:
        formatter = self._shell.display_formatter
        if self._replaced is None:
            # The method of its class is there again.
            del formatter.format
        else:
            formatter.format = self._replaced

    def _left(self) -> list[Any]:
        """Return the open figures that the code made or changed and that nobody has shown."""
        backend = _backend().lower()
        if backend not in (*_INLINE, *_FOR_FILES):
            # It shows its figures itself.
            return []
        return [
            figure
            for figure in _open_figures()
            if id(figure) not in self._figures
            and (
                id(figure) not in self._earlier or (id(figure) in self._unchanged and figure.stale)
            )
        ]

    def _formatted(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Stand for the formatter's ``format``, which gives nothing for a figure that is shown already."""
        data, metadata = self._format(value, *args, **kwargs)
        if not _is_figure(value):
            return data, metadata
        pictures = {mime: each for mime, each in data.items() if mime.startswith("image/")}
        _, shown = self._figures.get(id(value), (None, None))
        if pictures and pictures == shown:
            return {}, {}
        if pictures:
            self._figures[id(value)] = value, pictures
        return data, metadata

    def _show(self, figure: Any) -> None:
        data, metadata = self._format(figure)
        if not any(mime.startswith("image/") for mime in data):
            # IPython draws figures only once a backend of its own was active.
            picture = io.BytesIO()
            figure.savefig(picture, format="png", bbox_inches="tight")
            data["image/png"] = base64.b64encode(picture.getvalue()).decode("ascii")
        self._shell.display_pub.publish(data=data, metadata=metadata)

    def _restore_backend(self) -> None:
        if os.environ.get(_VARIABLE) != self._variable:
            _set_variable(self._variable)
        before, now = self._backend, _backend()
        matplotlib = sys.modules.get("matplotlib")
        if matplotlib is None or not before or _same(before, now):
            return
        matplotlib.use(before)
        if before in _INLINE:
            self._enable_inline()
        self.note = f"The code set matplotlib's backend to {now}; it is {_short(before)} again."

    def _enable_inline(self) -> None:
        """Have the notebook's backend show figures at the end of cells, which others switch off."""
        # Imported by now, because it is the backend.
        inline = sys.modules.get("matplotlib_inline.backend_inline")
        registered = self._shell.events.callbacks["post_execute"]
        if inline is not None and inline.flush_figures not in registered:
            inline.configure_inline_support(self._shell, "inline")


def _set_variable(value: str | None) -> None:
    if value is None:
        os.environ.pop(_VARIABLE, None)
    else:
        os.environ[_VARIABLE] = value


def _backend() -> str:
    """Return matplotlib's backend, or the one that it would begin with; empty if nobody knows."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        return os.environ.get(_VARIABLE, "")
    # Not by its key, which would choose a backend where none is chosen yet.
    value = dict.get(getattr(matplotlib, "rcParams", {}), "backend")
    return value if isinstance(value, str) else ""


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower() or {one, other} <= set(_INLINE)


def _short(backend: str) -> str:
    return "inline" if backend in _INLINE else backend


def _open_figures() -> list[Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    gcf = getattr(helpers, "Gcf", None)
    return [] if gcf is None else [each.canvas.figure for each in gcf.get_all_fig_managers()]


def _is_figure(value: Any) -> bool:
    figure = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    return figure is not None and isinstance(value, figure)


def watch_figures(shell: Any, code: str | None = None) -> FigureWatch:
    """Watch the figures of this code, or of all code that the shell runs."""
    watch = FigureWatch(shell, code)
    watch.register()
    return watch
