"""Distributions that exist for one test: a module and its entry points on ``sys.path``."""

from __future__ import annotations

from pathlib import Path


def write_distribution(
    folder: Path, name: str, entry_points: str, modules: dict[str, str] | None = None
) -> None:
    """Write an installed distribution into a folder, as ``pip install --target`` leaves it."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)
    for module, source in (modules or {}).items():
        (folder / f"{module}.py").write_text(source)
