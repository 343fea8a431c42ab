"""What a kernel is: its Python, its folder, the packages for data work that it really has.

The server sends this file's text to kernels that may not have us installed, so it needs the
standard library only, and nothing of ours.
"""

from __future__ import annotations

import os
import platform
from importlib import metadata

PACKAGES = (
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "scipy",
    "statsmodels",
    "scikit-learn",
    "matplotlib",
    "seaborn",
    "plotly",
    "altair",
    "bokeh",
    "openpyxl",
    "xarray",
    "networkx",
    "sympy",
    "pillow",
    "requests",
    "torch",
)
"""Distributions that models reach for."""


def facts() -> dict[str, str]:
    """Return ``python``, ``folder`` and ``packages`` as texts."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "folder": os.getcwd(),
        "packages": ", ".join(found),
    }
