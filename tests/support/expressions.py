"""Every regular expression of the package, and texts that are the worst for it.

A worst case is made from the expression itself: what it matches is repeated up to each point where
it may fail. That finds what makes an expression slow: parts that overlap, and beginnings that come
again and again without an end.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from support.paths import PACKAGE

_CALLS = frozenset(
    ("compile", "sub", "subn", "match", "search", "fullmatch", "findall", "finditer", "split")
)
_ANCHORED = frozenset(("match", "fullmatch"))
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_MOST_CHARACTERS = 24
_COMMON = "aA0_ \n.\"'<[(\\/:-="


@dataclass(frozen=True)
class Expression:
    """A regular expression where it stands.

    Parameters
    ----------
    place
        Module and line.
    source
        The first argument of the call, as it is written.
    anchored
        Whether it is only ever tried at one place of a text.
    """

    place: str
    source: str
    pattern: re.Pattern[Any]
    anchored: bool

    def apply(self, text: str) -> None:
        """Search a text as the package does."""
        subject: Any = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        if self.anchored:
            self.pattern.match(subject)
            self.pattern.fullmatch(subject)
            return
        for _ in self.pattern.finditer(subject):
            pass

    def seconds(self, text: str) -> float:
        """Return the processor time that a text takes."""
        began = time.thread_time()
        self.apply(text)
        return time.thread_time() - began


def expressions(samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Expression]:
    """Yield the expressions of the package.

    Parameters
    ----------
    samples
        For expressions that are built from local names: by what is written, values of the names.

    Raises
    ------
    LookupError
        For an expression that has no samples and needs them.
    """
    trees = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
    methods = _methods_by_name(trees.values())
    for path, tree in trees.items():
        names = {
            id(value): _target(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for value in (node.value.values if isinstance(node.value, ast.Dict) else [node.value])
        }
        for node in ast.walk(tree):
            if not _is_call_of_re(node):
                continue
            assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            source, method = ast.unparse(node.args[0]), node.func.attr
            used = methods.get(names.get(id(node), ""), set()) if method == "compile" else {method}
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            anchored = bool(used) and used <= _ANCHORED
            for sample in samples.get(source, [{}]):
                values = {**vars(_module(path)), **sample}
                try:
                    pattern = eval(source, values)
                    flags = eval(ast.unparse(_flags(node, method)), values)
                except (NameError, AttributeError) as error:
                    raise LookupError(
                        f"{place} builds the expression {source} from local names: {error}. "
                        "Add values for them to the samples."
                    ) from None
                yield Expression(place, source, re.compile(pattern, flags), anchored)


def worst_cases(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], str]]:
    """Yield functions that return a bad text of about the given size."""
    source: Any = pattern.pattern
    tree = parser.parse(
        source.decode("latin-1") if isinstance(source, bytes) else source,
        pattern.flags & ~re.LOCALE & ~re.UNICODE,
    )
    alphabet = list(dict.fromkeys([*_COMMON, *_literals(tree)]))[:_MOST_CHARACTERS]
    seen: set[tuple[str, str, str]] = set()
    for bias in alphabet:
        for head, body, tail in _pumps(list(tree), bias, ""):
            for begin, pump, end in (
                (head, body, "\0"),
                (head, body, tail),
                ("", head + body, "\0"),
                ("", body, "\0" + tail),
            ):
                if pump and (begin, pump, end) not in seen:
                    seen.add((begin, pump, end))
                    yield lambda size, b=begin, p=pump, e=end: b + p * (size // len(p) + 1) + e  # type: ignore[misc]
        if (bias, "", "") not in seen:
            seen.add((bias, "", ""))
            yield lambda size, p=bias: p * size  # type: ignore[misc]


def _pumps(nodes: list[Any], bias: str, before: str) -> Iterator[tuple[str, str, str]]:
    """Yield what comes before a point of the expression, what repeats there, and what follows."""
    for at, (op, argument) in enumerate(nodes):
        head = before + "".join(_sample(each, bias) for each in nodes[:at])
        tail = "".join(_sample(each, bias) for each in nodes[at + 1 :])
        if op in _REPEATS:
            _, most, body = argument
            inner = "".join(_sample(each, bias) for each in body)
            if most > 1:
                yield head, inner, tail
            yield from _pumps(list(body), bias, head)
        elif op is codes.SUBPATTERN:
            yield from _pumps(list(argument[-1]), bias, head)
        elif op is codes.ATOMIC_GROUP:
            yield from _pumps(list(argument), bias, head)
        elif op is codes.BRANCH:
            for branch in argument[1]:
                yield from _pumps(list(branch), bias, head)
        elif op in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _pumps(list(argument[1]), bias, head)
        else:
            yield head, _sample((op, argument), bias), tail


def _sample(node: Any, bias: str) -> str:
    """Return a short text that a part of an expression matches, of this character where it can be."""
    op, argument = node
    if op is codes.LITERAL:
        return chr(argument)
    if op is codes.NOT_LITERAL:
        return bias if ord(bias) != argument else ("a" if argument != ord("a") else "b")
    if op is codes.ANY:
        return bias if bias != "\n" else "a"
    if op is codes.IN:
        return _member(argument, bias)
    if op in _REPEATS:
        least, most, body = argument
        return "".join(_sample(each, bias) for each in body) * max(least, min(1, most))
    if op is codes.SUBPATTERN:
        return "".join(_sample(each, bias) for each in argument[-1])
    if op is codes.ATOMIC_GROUP:
        return "".join(_sample(each, bias) for each in argument)
    if op is codes.BRANCH:
        choices = ["".join(_sample(each, bias) for each in branch) for branch in argument[1]]
        return next((each for each in choices if bias in each), choices[0])
    return ""


def _member(kinds: list[Any], bias: str) -> str:
    def holds(character: str) -> bool:
        return re.fullmatch(_class(kinds), character) is not None

    candidates = [bias, *(chr(each) for op, each in kinds if op is codes.LITERAL)]
    candidates += [chr(each[0]) for op, each in kinds if op is codes.RANGE]
    return next((each for each in [*candidates, *_COMMON, "é", "\x01"] if holds(each)), "")


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _class(kinds: list[Any]) -> str:
    parts = []
    for op, argument in kinds:
        if op is codes.NEGATE:
            parts.insert(0, "^")
        elif op is codes.LITERAL:
            parts.append(re.escape(chr(argument)))
        elif op is codes.RANGE:
            parts.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
        else:
            parts.append(_CATEGORIES[argument])
    return f"[{''.join(parts)}]"


def _literals(nodes: Any) -> Iterator[str]:
    for op, argument in nodes:
        if op in (codes.LITERAL, codes.NOT_LITERAL):
            yield chr(argument)
        elif op is codes.IN:
            yield from _literals([each for each in argument if each[0] is codes.LITERAL])
        elif op in _REPEATS:
            yield from _literals(argument[2])
        elif op is codes.SUBPATTERN:
            yield from _literals(argument[-1])
        elif op is codes.ATOMIC_GROUP:
            yield from _literals(argument)
        elif op is codes.BRANCH:
            for branch in argument[1]:
                yield from _literals(branch)
        elif op in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _literals(argument[1])


def _module(path: Path) -> Any:
    relative = path.relative_to(PACKAGE.parent).with_suffix("")
    return importlib.import_module(".".join(relative.parts).removesuffix(".__init__"))


def _is_call_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _CALLS
    )


def _flags(node: ast.Call, method: str) -> ast.expr:
    named = [each.value for each in node.keywords if each.arg == "flags"]
    position = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(method, 2)
    return next(iter([*named, *node.args[position : position + 1]]), ast.Constant(0))


def _target(node: ast.Assign) -> str:
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def _methods_by_name(trees: Any) -> dict[str, set[str]]:
    """Return by name of a constant which methods are called on it anywhere."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            # An expression may stand in a table: ``_STRINGS[quote].match(…)``.
            value = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            if isinstance(value, ast.Name):
                found.setdefault(value.id, set()).add(node.attr)
    return found
