"""Messages of kernels as they arrive, within bounds.

jupyter_client would parse them on the event loop, whatever their size, and fail on content that is
nested too deep. Code can publish what it likes.
"""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from jupyter_client.session import Session

Message = dict[str, Any]

MAX_CONTENT = 64_000_000
"""Bytes of the content of an output; a larger one is not parsed."""
_LONG = 64 * 1024
"""Bytes of a message that is parsed in a thread."""
_DISPLAYS = ("display_data", "update_display_data", "execute_result")


async def receive(session: Session, socket: Any) -> Message:
    """Return the next message of a channel.

    Raises
    ------
    ValueError, TypeError
        If it is no message, or not signed with the kernel's key.
    """
    # Not copied here: the copy of an output of 40 MB takes as long as a stall may.
    frames: list[Any] = await socket.recv_multipart(copy=False)
    if sum(map(len, frames)) > _LONG:
        return await asyncio.to_thread(_parse_frames, session, frames)
    return _parse_frames(session, frames)


def _parse_frames(session: Session, frames: list[Any]) -> Message:
    parts: list[Any] = session.feed_identities([frame.bytes for frame in frames])[1]
    return parse_message(session, parts)


def parse_message(session: Session, parts: list[Any]) -> Message:
    """Return the message in these frames: signature, header, parent, metadata, content, buffers.

    An output that is too large or nested too deep is replaced by a notice, so that what the code
    shows besides stays.
    """
    if len(parts) > 4 and len(parts[4]) > MAX_CONTENT:
        return _replaced(session, parts, f"it has {len(parts[4]) / 1e6:,.1f} MB")
    try:
        message: Message = session.deserialize(parts)
    except RecursionError:
        return _replaced(session, parts, "it is nested too deep")
    return message


def _replaced(session: Session, parts: list[bytes], why: str) -> Message:
    # As deserialize() checks it, which would parse the content as well.
    if session.auth is not None and not hmac.compare_digest(session.sign(parts[1:5]), parts[0]):
        raise ValueError("not signed with the key of this kernel")
    header, parent = session.unpack(parts[1]), session.unpack(parts[2])
    notice = f"[An output was left out: {why}.]"
    kind = header["msg_type"]
    content: dict[str, Any]
    if kind in _DISPLAYS:
        content = {"data": {"text/plain": notice}, "metadata": {}}
    elif kind == "error":
        content = {"ename": "Error", "evalue": notice, "traceback": [notice]}
    elif kind == "execute_reply":
        # Only a failure says so much: results and outputs are messages of their own.
        content = {"status": "error", "ename": "Error", "evalue": notice, "traceback": []}
    else:
        content = {"name": "stdout", "text": f"{notice}\n"}
    return {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": kind,
        "parent_header": parent,
        "metadata": {},
        "content": content,
        "buffers": [],
    }
