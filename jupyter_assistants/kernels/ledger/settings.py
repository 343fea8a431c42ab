"""Settings of a whole process that code for analysis changes: read before and after a step, and restored.

Libraries are never imported here. What a library that a step imports had before is taken from its own
defaults, where it has any (docs/internals/approvals.md, "Settings of the process").
"""

from __future__ import annotations

import contextlib
import contextvars
import locale
import os
import random
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_assistants.kernels.ledger.snapshot import LIBRARY_ERRORS

ABSENT: Any = object()
"""The value of a setting that is not there."""

_ERRORS = (*LIBRARY_ERRORS, OSError, locale.Error)
# Matplotlib's backend is watched with the figures; that it is interactive comes with the backend.
_OF_THE_BACKEND = ("backend", "backend_fallback", "interactive")
_SEEDS = re.compile(r"seed|set_?state|RandomState|random_state", re.IGNORECASE)


class SettingGroup(Protocol):
    """Settings that are read and written in one way."""

    @property
    def words(self) -> re.Pattern[str] | None:
        """Return what code says that changes them; None if any change of them is the code's own.

        Imports change some of them on their own, and numbers are drawn without a thought of the seed.
        """

    def read(self) -> Mapping[str, Any]:
        """Return the values by name; empty if the library is not imported."""

    def defaults(self) -> Mapping[str, Any]:
        """Return the values that a library begins with."""

    def write(self, values: Mapping[str, Any]) -> None:
        """Set values; those that are :data:`ABSENT` are removed."""


class _Group:
    words: re.Pattern[str] | None = None

    def defaults(self) -> Mapping[str, Any]:
        return {}


class _PandasOptions(_Group):
    def read(self) -> Mapping[str, Any]:
        return {f"pandas {name}": value for name, value in _leaves(self._config("_global_config"))}

    def defaults(self) -> Mapping[str, Any]:
        options = self._config("_registered_options")
        return {f"pandas {name}": option.defval for name, option in options.items()}

    def write(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            # Some are deprecated, which is no news for whoever undoes a step.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sys.modules["pandas"].set_option(name.removeprefix("pandas "), value)

    def _config(self, name: str) -> dict[str, Any]:
        # There is no public way to read all options without a loop through each one's validation.
        config = sys.modules.get("pandas._config.config")
        return getattr(config, name, {}) if "pandas" in sys.modules else {}


def _leaves(options: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in options.items():
        found += (
            _leaves(value, f"{above}{name}.")
            if isinstance(value, dict)
            else [(above + name, value)]
        )
    return found


class _RcParams(_Group):
    def read(self) -> Mapping[str, Any]:
        return self._values("rcParams")

    def defaults(self) -> Mapping[str, Any]:
        return self._values("rcParamsOrig")

    def write(self, values: Mapping[str, Any]) -> None:
        params = sys.modules["matplotlib"].rcParams
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, value in values.items():
                params[name.removeprefix("matplotlib ")] = value

    def _values(self, name: str) -> dict[str, Any]:
        params = getattr(sys.modules.get("matplotlib"), name, None)
        # As a dict: its own access warns of old names, and may choose a backend.
        items = dict.items(params) if isinstance(params, dict) else ()
        return {f"matplotlib {key}": value for key, value in items if key not in _OF_THE_BACKEND}


class _NumpyOptions(_Group):
    def read(self) -> Mapping[str, Any]:
        numpy = sys.modules.get("numpy")
        if numpy is None or not hasattr(numpy, "get_printoptions"):
            return {}
        options = {f"numpy print {key}": value for key, value in numpy.get_printoptions().items()}
        return options | {f"numpy errors {key}": value for key, value in numpy.geterr().items()}

    def defaults(self) -> Mapping[str, Any]:
        # They are context variables, which an empty context has as they are at the beginning.
        return contextvars.Context().run(self.read)

    def write(self, values: Mapping[str, Any]) -> None:
        numpy = sys.modules["numpy"]
        for prefix, set_options in (
            ("numpy print ", numpy.set_printoptions),
            ("numpy errors ", numpy.seterr),
        ):
            given = {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}
            if given:
                set_options(**given)


class _RandomStates(_Group):
    words = _SEEDS

    def read(self) -> Mapping[str, Any]:
        states: dict[str, Any] = {"random state": random.getstate()}
        legacy = sys.modules.get("numpy.random")
        get_state = getattr(legacy, "get_state", None)
        state = get_state() if get_state is not None else None
        if isinstance(state, tuple):
            kind, keys, *more = state
            states["numpy.random state"] = (kind, keys.tobytes(), *more)
        return states

    def write(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name == "random state":
                random.setstate(value)
            elif value is not ABSENT:
                kind, keys, *more = value
                numpy = sys.modules["numpy"]
                numpy.random.set_state((kind, numpy.frombuffer(keys, numpy.uint32), *more))


class _Environment(_Group):
    words = re.compile(r"environ|putenv|%env|%set_env|setenv|dotenv")

    def read(self) -> Mapping[str, Any]:
        return {f"os.environ {name}": value for name, value in os.environ.items()}

    def write(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            name = name.removeprefix("os.environ ")
            if value is ABSENT:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _WarningFilters(_Group):
    words = re.compile(r"warn")

    def read(self) -> Mapping[str, Any]:
        return {"warnings filters": tuple(warnings.filters)}

    def write(self, values: Mapping[str, Any]) -> None:
        # Python remembers which warnings were shown, until the filters are set anew.
        warnings.resetwarnings()
        for filters in values.values():
            warnings.filters[:] = filters  # type: ignore[index]


class _ModulePath(_Group):
    words = re.compile(r"path")

    def read(self) -> Mapping[str, Any]:
        return {"sys.path": tuple(sys.path)}

    def write(self, values: Mapping[str, Any]) -> None:
        for path in values.values():
            sys.path[:] = path


class _Locale(_Group):
    def read(self) -> Mapping[str, Any]:
        return {"locale": locale.setlocale(locale.LC_ALL)}

    def write(self, values: Mapping[str, Any]) -> None:
        for value in values.values():
            locale.setlocale(locale.LC_ALL, value)


class _WorkingFolder(_Group):
    def read(self) -> Mapping[str, Any]:
        return {"working folder": os.getcwd()}

    def write(self, values: Mapping[str, Any]) -> None:
        for value in values.values():
            os.chdir(value)


_RANDOM = _RandomStates()
GROUPS: tuple[SettingGroup, ...] = (
    _PandasOptions(),
    _RcParams(),
    _NumpyOptions(),
    _RANDOM,
    _Environment(),
    _WarningFilters(),
    _ModulePath(),
    _Locale(),
    _WorkingFolder(),
)


@dataclass
class SettingChange:
    """A setting that a step changed.

    Parameters
    ----------
    shown
        Whether the step names it. That numbers were drawn is undone, but is no change to speak of.
    """

    name: str
    group: SettingGroup
    before: Any
    after: Any
    shown: bool = True

    @property
    def is_as_left(self) -> bool:
        """Whether the setting is as the step left it."""
        return _same(_read(self.group).get(self.name, ABSENT), self.after)

    @property
    def is_conflict(self) -> bool:
        """Whether somebody has changed it since; numbers that were drawn since are none."""
        return self.group is not _RANDOM and not self.is_as_left

    def restore(self) -> bool:
        """Set the value of before; return False if that fails."""
        if self.group is _RANDOM and not self.is_as_left:
            # Whoever drew numbers since would get the same ones again.
            return True
        try:
            self.group.write({self.name: self.before})
        except _ERRORS:
            return False
        return True


@dataclass
class SettingsSnapshot:
    """The settings at a moment."""

    values: list[Mapping[str, Any]] = field(
        default_factory=lambda: [_read(each) for each in GROUPS]
    )
    modules: int = field(default_factory=lambda: len(sys.modules))

    def changes(self, code: str) -> list[SettingChange]:
        """Return what is different by now.

        Parameters
        ----------
        code
            The code that ran meanwhile.
        """
        imported = len(sys.modules) > self.modules
        found = []
        for group, before in zip(GROUPS, self.values, strict=True):
            spoken = group.words is None or group.words.search(code) is not None
            if group is not _RANDOM and imported and not spoken:
                continue
            after = _read(group)
            if after and not before:
                before = _read(group, defaults=True)
            names = {**before, **after} if before else ()
            for name in names:
                one, other = before.get(name, ABSENT), after.get(name, ABSENT)
                if not _same(one, other):
                    shown = group is not _RANDOM or spoken
                    found.append(SettingChange(name, group, one, other, shown))
        return found


def _read(group: SettingGroup, *, defaults: bool = False) -> Mapping[str, Any]:
    with contextlib.suppress(*_ERRORS):
        return group.defaults() if defaults else group.read()
    return {}


def _same(one: Any, other: Any) -> bool:
    try:
        return one is other or bool(one == other)
    except LIBRARY_ERRORS:
        return False
