"""The formats of data files, by the endings of their names."""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_assistants.data_files.pandas_call import Argument

_PACKED = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
_FORMATS: dict[str, tuple[str, dict[str, Argument]]] = {
    ".csv": ("csv", {}),
    ".tsv": ("csv", {"sep": "\t"}),
    ".tab": ("csv", {"sep": "\t"}),
    ".dat": ("csv", {}),
    ".txt": ("csv", {}),
    ".json": ("json", {}),
    ".jsonl": ("json", {"lines": True}),
    ".ndjson": ("json", {"lines": True}),
    ".xlsx": ("excel", {}),
    ".xlsm": ("excel", {}),
    ".parquet": ("parquet", {}),
    ".feather": ("feather", {}),
    ".dta": ("stata", {}),
    ".sav": ("spss", {}),
    ".h5": ("hdf", {}),
    ".hdf5": ("hdf", {}),
}
_TEXTS = ("csv", "json")
ENDINGS = tuple(ending[1:] for ending in _FORMATS)
PACKED_ENDINGS = tuple(ending[1:] for ending in _PACKED)


@dataclass(frozen=True)
class FileFormat:
    """How files of a format are read.

    Parameters
    ----------
    reader
        pandas reads them with ``pd.read_<reader>``.
    packing
        ``gzip``, ``bz2``, ``xz`` or ``zip``; empty for a file that is not compressed.
    arguments
        What the ending of the name says already.
    """

    reader: str
    packing: str = ""
    arguments: dict[str, Argument] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Return whether the file is text, compressed or not."""
        return self.reader in _TEXTS


def format_of(name: str) -> FileFormat | None:
    """Return the format of a file by its name; None if it holds no table."""
    lower = name.lower()
    packing = next((end for end in _PACKED if lower.endswith(end)), "")
    stem = lower.removesuffix(packing)
    ending = next((end for end in _FORMATS if stem.endswith(end)), "")
    if packing == ".zip" and not ending:
        # The name of a ZIP file says nothing of what is in it.
        ending = ".csv"
    if not ending:
        return None
    reader, arguments = _FORMATS[ending]
    if packing and reader not in _TEXTS:
        return None
    return FileFormat(reader, _PACKED.get(packing, ""), dict(arguments))
