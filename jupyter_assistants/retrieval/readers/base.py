"""The port of a file format: one class that turns the bytes of a file into blocks of text.

A new format is one file with a subclass of :class:`Reader` and one line in ``pyproject.toml``, in the
entry point group ``jupyter_assistants.readers``. Other packages add or replace formats in the same
way. The server imports a reader's module to learn its extensions, so heavy libraries belong inside
:meth:`Reader.read`. That method runs in a limited process only (:mod:`..reader_process`), never in the
server.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar

from jupyter_assistants import registry
from jupyter_assistants.registry import Group, PluginEntry
from jupyter_assistants.retrieval.blocks import Parsed


class Reader(ABC):
    """Reads the files of one format."""

    extensions: ClassVar[Sequence[str]]
    """In lower case, without the dot."""

    libraries: ClassVar[Sequence[str]] = ()
    """Modules to import once, before the process forks for each file: a fork then costs no import."""

    opens_files: ClassVar[bool] = True
    """Whether the libraries open files of their own while they read, such as modules and templates.
    Where they do not, the process can open nothing at all, in code of C either."""

    @abstractmethod
    def read(self, stream: BinaryIO) -> Iterable[Parsed]:
        """Yield the blocks of a file, and how far the reading is where that is known.

        Raises
        ------
        Unreadable
            If the file is broken, protected, or holds too much.
        """


def as_reader(name: str, plugin: Any) -> type[Reader]:
    """Return what an entry point names as a class of readers.

    The group's former name had functions that take a stream; the entry's name was the extension.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(plugin, type) and issubclass(plugin, Reader):
        return plugin
    if isinstance(plugin, type) or not callable(plugin):
        raise TypeError(
            "a reader is a subclass of jupyter_assistants.retrieval.readers.base.Reader"
        )
    function: Callable[[BinaryIO], Iterable[Parsed]] = plugin

    class FunctionReader(Reader):
        extensions = (name.lower().lstrip("."),)

        def read(self, stream: BinaryIO) -> Iterable[Parsed]:
            return function(stream)

    return FunctionReader


def _convert(entry: PluginEntry, plugin: Any) -> type[Reader]:
    return as_reader(entry.name, plugin)


READERS: Group[type[Reader]] = Group(
    registry.READERS, _convert, former_names=["jupyter_assistants.parsers"]
)


def references() -> Mapping[str, str]:
    """Return ``module:attribute`` of the reader of each extension (``.pdf``).

    An extension that another package claims is read by that package, under whatever name.
    """
    entries, found = READERS.entries(), {}
    ours_first = sorted(READERS.load_all().items(), key=lambda item: not entries[item[0]].is_ours)
    for name, reader in ours_first:
        for extension in reader.extensions:
            found[f".{extension}"] = entries[name].reference
    return found


def load(reference: str) -> Reader:
    """Return the reader at ``module:attribute``."""
    plugin = PluginEntry(registry.READERS, "", reference, "").load()
    return as_reader("", plugin)()
