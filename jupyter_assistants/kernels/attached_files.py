"""Where attached files go in the working folder: most into the folder, some into a subfolder.

Python imports from the working folder, so a file ``pandas.py`` in it runs with the next ``import
pandas``, whoever sent it. Files that came with somebody else's thread are set apart whatever their name:
they are there because the thread is, and nobody looked at them. Both the server and the kernel side
import this, so it needs the standard library only.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterable

from jupyter_assistants.kernels.workspace import mount_names, safe_name

APART = "attached-files"
"""Subfolder for what must not be imported by chance. Its name is no module's."""

_MOST_NAMED = 10
_IMPORTED = re.compile(r"([^.]+)(?:\..*)?\.(?:py|pyc|pyw|pyd|so|dll)")
_CONFIGURATION = re.compile(r"(?:ipython|jupyter)(?:_\w+)?_config\.(?:py|json)|matplotlibrc")
"""What Jupyter's programs and matplotlib read from the folder that they are started in."""
# A kernel may have other packages than the server: what code of models imports is always known.
_USUAL = frozenset(
    [
        "sitecustomize",
        "usercustomize",
        "numpy",
        "pandas",
        "matplotlib",
        "scipy",
        "sklearn",
        "seaborn",
        "plotly",
        "bokeh",
        "altair",
        "torch",
        "torchvision",
        "tensorflow",
        "keras",
        "jax",
        "polars",
        "pyarrow",
        "requests",
        "httpx",
        "openpyxl",
        "xlrd",
        "xlsxwriter",
        "PIL",
        "cv2",
        "IPython",
        "ipykernel",
        "ipywidgets",
        "jupyter_client",
        "dateutil",
        "pytz",
        "tzdata",
        "yaml",
        "lxml",
        "bs4",
        "statsmodels",
        "sympy",
        "networkx",
        "numba",
        "sqlalchemy",
        "duckdb",
        "dask",
        "xgboost",
        "lightgbm",
        "nltk",
        "spacy",
        "transformers",
        "geopandas",
        "shapely",
        "docx",
        "pptx",
        "pypdf",
        "tqdm",
        "joblib",
        "pydantic",
        "openai",
        "six",
    ]
)


def is_loaded_unasked(filename: str) -> bool:
    """Return whether a program may load a file of this name that nobody meant it to load."""
    name = safe_name(filename)
    if _CONFIGURATION.fullmatch(name.lower()):
        return True
    found = _IMPORTED.fullmatch(name)
    return found is not None and found[1] in _modules()


@functools.lru_cache(maxsize=1)
def _modules() -> frozenset[str]:
    installed = importlib.metadata.packages_distributions()
    return frozenset({*sys.stdlib_module_names, *_USUAL, *installed})


def attached_names(files: Iterable[tuple[str, str, str | None, bool]]) -> dict[str, str]:
    """Return the name that each file takes in an empty folder.

    Parameters
    ----------
    files
        (id, file name, SHA-256 in hexadecimal, whether it is set apart).
    """
    known = list(files)
    names = mount_names(each[:3] for each in known if not each[3])
    apart = mount_names(each[:3] for each in known if each[3])
    return names | {file_id: f"{APART}/{name}" for file_id, name in apart.items()}


def name_apart(names: Iterable[str]) -> str:
    """Return a sentence for the person that names the files that are set apart; empty if none is."""
    apart = sorted(name.removeprefix(f"{APART}/") for name in names if name.startswith(f"{APART}/"))
    if not apart:
        return ""
    more = f" and {len(apart) - _MOST_NAMED} more" if len(apart) > _MOST_NAMED else ""
    return f"Files of somebody else's thread, or named like a module, are in {APART}: " + (
        f"{', '.join(apart[:_MOST_NAMED])}{more}."
    )
