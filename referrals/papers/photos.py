"""A photograph made anew from its pixels: what a camera wrote beside them (EXIF: place, time) stays behind.

Called by referrals.papers.intake. Whatever Pillow cannot read, or would have to blow up, is refused with a sentence.
"""

from pathlib import Path

from PIL import Image, ImageOps

from referrals.papers import refusals
from referrals.papers.refusals import BadPaper

MOST_PIXELS = 110_000_000  # of a JPEG that is made smaller while it is read
MOST_WHOLE = 20_000_000  # of what is blown up whole to be read: a PNG, a progressive JPEG
MOST_READ = 36_000_000  # points that are read in the end: a thin strip is not made smaller
LONGEST_SIDE = 3000  # enough to read a drug chart; smaller than what a telephone takes
QUALITY = 88
CANNOT_READ = "This picture cannot be read. Take it again, or send another."


def clean(path: Path, into: Path) -> tuple[int, int]:
    """Write the picture's pixels, upright, as a JPEG without anything else; its width and height, or BadPaper."""
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as read:
            is_whole = read.format == "PNG" or bool(read.info.get("progressive"))
            _check_size(read.size, MOST_WHOLE if is_whole else MOST_PIXELS)
            read.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read no larger than it is kept
            _check_size(read.size, MOST_READ)
            upright = ImageOps.exif_transpose(read)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            bare = Image.new("RGB", upright.size, "white")
            bare.paste(upright.convert("RGB"))
    except Image.DecompressionBombError:
        raise BadPaper("This picture has far too many points. Send a smaller one.") from None
    except BadPaper:
        raise
    except Exception as error:
        if refusals.is_of_the_machine(error):
            raise
        raise BadPaper(CANNOT_READ) from None  # a hostile file breaks a reader in any way it likes
    bare.save(into, "JPEG", quality=QUALITY)
    return bare.size


def _check_size(size: tuple[int, int], most: int) -> None:
    width, height = size
    if width * height > most:
        raise BadPaper(f"This picture has {width} × {height} points: that is too large. Send a smaller one.")
