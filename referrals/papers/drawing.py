"""One frame of a stack as a picture: a window of the scanner's numbers drawn as greys. Pure over bytes.

Called by the viewer's view. What is drawn is for orientation, never for a primary diagnosis, and says so on the page.
"""

from io import BytesIO

import numpy as np
from PIL import Image

from referrals.papers.images import Stack

# Centre and width in Hounsfield units, as CT consoles ship them.
WINDOWS = {"brain": (40.0, 80.0), "angio": (300.0, 600.0), "bone": (600.0, 2800.0)}
NAMES = {"brain": "Brain", "angio": "Angio", "bone": "Bone"}
QUALITY = 90


def draw(pixels: bytes, stack: Stack, window: str) -> bytes:
    """A JPEG of one frame; a window that the stack has not is the scanner's own, or what the numbers span."""
    if stack.colour:
        picture = Image.frombytes("RGB", (stack.width, stack.height), pixels)
    else:
        picture = Image.fromarray(_greys(pixels, stack, window))
    drawn = BytesIO()
    picture.save(drawn, "JPEG", quality=QUALITY)
    return drawn.getvalue()


def _greys(pixels: bytes, stack: Stack, window: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    numbers = np.frombuffer(pixels, dtype="<i2").reshape(stack.height, stack.width)
    # Each of the 65,536 numbers that there can be is worked out once, however large the picture is.
    values = np.arange(1 << 16, dtype="<u2").view("<i2").astype(np.float32) * stack.slope + stack.intercept
    if window in WINDOWS and stack.modality == "CT":
        centre, breadth = WINDOWS[window]
    elif stack.centre is not None and stack.breadth:
        centre, breadth = stack.centre, stack.breadth
    else:
        ends = [float(values[int(end) & 0xFFFF]) for end in (numbers.min(), numbers.max())]
        lowest, highest = min(ends), max(ends)
        centre, breadth = (lowest + highest) / 2, max(highest - lowest, 1.0)
    greys = np.clip((values - (centre - breadth / 2)) / breadth, 0, 1) * 255
    table = np.asarray(255 - greys if stack.inverted else greys, dtype=np.uint8)
    drawn: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = table[numbers.view("<u2")]
    return drawn


def windows(stack: Stack) -> dict[str, str]:
    """The presets that make sense for this stack: name and label."""
    return NAMES if stack.modality == "CT" and not stack.colour else {"own": "As scanned"}
