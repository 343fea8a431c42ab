"""Writes multipart forms by hand."""

from __future__ import annotations

from typing import Any


def form(*parts: tuple[str, str | None, bytes], boundary: str = "edge") -> dict[str, Any]:
    """Return the arguments of ``ask`` for a multipart form of (name, filename, data) parts."""
    lines: list[bytes] = []
    for name, filename, data in parts:
        shown = f'; filename="{filename}"' if filename is not None else ""
        lines += [
            f"--{boundary}".encode(),
            f'Content-Disposition: form-data; name="{name}"{shown}'.encode(),
            b"",
            data,
        ]
    raw = b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
    return {
        "raw": raw,
        "headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    }
