"""What a cell of Python seems to do: its program, its magics, its lines for a shell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jupyter_assistants.kernels.languages.hint_kinds import (
    DYNAMIC,
    ENVIRONMENT,
    FORGETS,
    HIDDEN,
    INSTALLS,
    MOVES,
    NETWORK,
    RUNS,
    SETS_ENVIRONMENT,
    UNREADABLE,
    WRITES,
)
from jupyter_assistants.kernels.languages.python_names import (
    CALLS,
    ENVIRONMENTS,
    MAYBE_TO_FILE,
    METHODS,
    MODULES,
    MUTATORS,
    PREFIXES,
)
from jupyter_assistants.kernels.languages.shell import SHELL_CELLS, installs, shell_kinds

_URL = re.compile(r"(?i)^\s*(?:https?|ftps?|s3|gs|ssh|sftp|wss?)://")
_SECRET_FILE = re.compile(
    r"(?i)(^|[/\\~])\.(env|ssh|aws|netrc|pypirc|npmrc|kube|docker|gnupg|git-credentials|config)"
    r"([./\\]|$)|id_(rsa|ed25519|ecdsa)|/etc/(passwd|shadow)|credentials(\.|$)"
)
_ENVIRON_FILE = re.compile(r"/proc/[^/]+/(environ|cmdline|mem)")
_MAGICS = {
    **dict.fromkeys(["pip", "conda", "mamba", "uv"], INSTALLS),
    **dict.fromkeys(["writefile", "file", "save", "store", "notebook", "logstart"], WRITES),
    "set_env": SETS_ENVIRONMENT,
    **dict.fromkeys(["reset", "reset_selective", "xdel"], FORGETS),
    **dict.fromkeys(["cd", "pushd", "popd"], MOVES),
    **dict.fromkeys(
        ["run", "load", "loadpy", "rerun", "macro", "edit", "load_ext", "reload_ext"], DYNAMIC
    ),
}
_MAGIC = re.compile(
    r"^(?P<indent>\s*+)(?P<target>[\w ,.\[\]]++=\s*+)?(?P<mark>%%?|!!?)(?P<rest>.*)$"
)


def python_lines(code: str) -> Iterator[tuple[str, int]]:
    """Return what a cell of Python with its magics seems to do, with the lines."""
    lines = code.splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        yield from _cell_magic(lines, first)
        return
    plain: list[str] = []
    for number, line in enumerate(lines, 1):
        match = _MAGIC.match(line)
        # "a %b" at the beginning of a line that goes on is taken for a magic; a hint may err.
        if match is None or (match["mark"] == "%" and not match["rest"][:1].isalpha()):
            plain.append(line)
            continue
        plain.append(f"{match['indent']}pass")
        yield from ((kind, number) for kind in _magic(match["mark"], match["rest"]))
    yield from _python("\n".join(plain))


def _cell_magic(lines: list[str], first: int) -> Iterator[tuple[str, int]]:
    name, _, rest = lines[first].strip()[2:].partition(" ")
    if name in ("time", "timeit", "capture", "prun"):
        body = "\n" * (first + 1) + "\n".join(lines[first + 1 :])
        yield from python_lines(body)
        return
    yield from ((kind, first + 1) for kind in _magic("%", f"{name} {rest}"))
    if name in SHELL_CELLS:
        yield RUNS, first + 1
        for number, line in enumerate(lines[first + 1 :], first + 2):
            yield from ((kind, number) for kind in shell_kinds(line))
    elif name not in _MAGICS:
        yield UNREADABLE, first + 1


def _magic(mark: str, rest: str) -> Iterator[str]:
    if mark.startswith("!"):
        yield RUNS
        yield from shell_kinds(rest)
        return
    name, _, arguments = rest.strip().partition(" ")
    if name in _MAGICS:
        yield _MAGICS[name]
    if name == "env":
        # `%env` lists, `%env NAME` reads, and `%env NAME=1` and `%env NAME 1` set.
        sets = "=" in arguments or len(arguments.split()) > 1
        yield SETS_ENVIRONMENT if sets else ENVIRONMENT
    if name in SHELL_CELLS:
        yield RUNS
        yield from shell_kinds(arguments)
    if name in ("time", "timeit", "prun"):
        yield from (kind for kind, _ in _python(arguments))


def _python(code: str) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(code)
        reader = _Reader(tree)
        for node in ast.walk(tree):
            line = getattr(node, "lineno", 1)
            yield from ((kind, line) for kind in reader.kinds(node))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield UNREADABLE, getattr(error, "lineno", None) or 1


class _Reader:
    """Knows which names of a program stand for which modules."""

    def __init__(self, tree: ast.AST) -> None:
        self._names: dict[str, str] = {"pd": "pandas", "np": "numpy", "plt": "matplotlib.pyplot"}
        self._stars: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    target = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._names[alias.asname or target] = target
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if alias.name == "*":
                        self._stars.append(node.module)
                    self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        self._changed = {id(node) for each in ast.walk(tree) for node in _changed_by(each)}
        """Expressions whose value the program changes in place, by identity."""

    def kinds(self, node: ast.AST) -> Iterator[str]:
        """Return what one node of the program seems to do."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from self._imported(node)
        elif isinstance(node, ast.Call):
            yield from self._called(node)
        elif isinstance(node, ast.Attribute | ast.Name):
            if self._dotted(node) in ENVIRONMENTS:
                changed = id(node) in self._changed or not isinstance(node.ctx, ast.Load)
                yield SETS_ENVIRONMENT if changed else ENVIRONMENT
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_text(node.value)
        elif isinstance(node, ast.Delete) and any(isinstance(t, ast.Name) for t in node.targets):
            yield FORGETS

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        for name in names:
            yield from _of_module(name)

    def _called(self, node: ast.Call) -> Iterator[str]:
        name = self._dotted(node.func)
        for known in [name, *(f"{star}.{name}" for star in self._stars)]:
            if known in CALLS:
                yield CALLS[known]
            yield from (kind for prefix, kind in PREFIXES.items() if known.startswith(prefix))
            yield from _of_module(known)
        if name.removeprefix("builtins.") in ("open", "io.open", "codecs.open", "gzip.open"):
            yield from _opened(node, at=1)
        if name == "getattr" and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
            yield DYNAMIC
        if isinstance(node.func, ast.Attribute):
            yield from _method(node, node.func.attr)
        if any(_is_pip(argument) for argument in node.args):
            yield INSTALLS

    def _dotted(self, node: ast.AST) -> str:
        """Return the whole name of what an expression stands for, as far as it can be read."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and self._dotted(node.func) == "__import__":
            module = node.args[0] if node.args else None
            parts.append(str(module.value) if isinstance(module, ast.Constant) else "?")
        elif isinstance(node, ast.Name):
            parts.append(self._names.get(node.id, node.id))
        else:
            parts.append("?")
        return ".".join(reversed(parts))


def _changed_by(node: ast.AST) -> Iterator[ast.AST]:
    """Return what this node changes in place: ``x`` in ``x[k] = v``, ``del x[k]``, ``x.clear()``."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield node.value
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr in MUTATORS:
        yield node.func.value


def _of_module(name: str) -> Iterator[str]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        if kind := MODULES.get(".".join(parts[:end])):
            yield kind


def _method(node: ast.Call, name: str) -> Iterator[str]:
    if name in METHODS:
        yield METHODS[name]
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if name.endswith("_magic"):
            yield from _magic("%", " ".join(map(str, texts)))
    elif name in MAYBE_TO_FILE:
        if node.args or any(k.arg in ("path_or_buf", "path", "buf") for k in node.keywords):
            yield WRITES
    elif name == "open":
        # Path(…).open("w"), and ZipFile.open(name, "w").
        yield from _opened(node, at=0)


def _opened(node: ast.Call, *, at: int) -> Iterator[str]:
    modes = [*node.args[at : at + 2], *(k.value for k in node.keywords if k.arg == "mode")]
    for mode in modes:
        if not isinstance(mode, ast.Constant):
            continue
        if isinstance(mode.value, str) and re.fullmatch(r"[rbtU]*[wax+][wax+rbt]*", mode.value):
            yield WRITES
            return


def _is_pip(argument: ast.AST) -> bool:
    words = [n.value for n in ast.walk(argument) if isinstance(n, ast.Constant)]
    text = " ".join(word for word in words if isinstance(word, str))
    return installs(text)


def _in_text(text: str) -> Iterator[str]:
    if _URL.match(text):
        yield NETWORK
    if _ENVIRON_FILE.search(text):
        yield ENVIRONMENT
    if len(text) < 400 and _SECRET_FILE.search(text):
        yield HIDDEN
