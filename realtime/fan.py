"""One finished frame to many sockets in one go: by a few lines of C where they were compiled, else one by one.

Used by `realtime.server`. `make` and the image compile `fan.c` beside this file; without it nothing is lost but speed.
"""

import ctypes
import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

COMPILED = Path(__file__).with_name("libfan.so")

log = structlog.get_logger(__name__)


def _compiled() -> Any:
    """The function of `fan.c`, which keeps Python's lock while it sends; or None."""
    try:
        fan = ctypes.PyDLL(str(COMPILED)).dido_fan_1
    except (OSError, AttributeError) as error:  # none, or of another machine or version
        log.warning("frames_leave_one_by_one", why=str(error))
        return None
    fan.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
    return fan


def out(sockets: "array[int]", frame: bytes) -> dict[int, int]:
    """Offer the frame to each of these open, non-blocking sockets (file descriptors) once.

    What went is left out: for each place at which not all of it did, the bytes that were taken, or -errno.
    """
    if FAN is None:
        return _one_by_one(sockets, frame)
    taken = sockets[:]  # as long as the answer will be
    if not FAN(sockets.buffer_info()[0], len(sockets), frame, len(frame), taken.buffer_info()[0]):
        return {}
    return {place: went for place, went in enumerate(taken) if went != len(frame)}


def _one_by_one(sockets: Sequence[int], frame: bytes) -> dict[int, int]:
    unfinished = {}
    for place, socket in enumerate(sockets):
        try:
            went = os.write(socket, frame)
        except OSError as error:
            went = -(error.errno or 1)
        if went != len(frame):
            unfinished[place] = went
    return unfinished


FAN = _compiled()
