"""A photograph made anew from its pixels: what a camera wrote beside them (EXIF: place, time) stays behind.

Called by referrals.papers.intake. Whatever Pillow cannot read, or would have to blow up, is refused with a sentence.
"""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from referrals.papers.refusals import BadPaper

MOST_PIXELS = {"JPEG": 110_000_000, "PNG": 20_000_000}  # a PNG is blown up whole to be read, a JPEG is not
LONGEST_SIDE = 3000  # enough to read a drug chart; smaller than what a telephone takes
QUALITY = 88
CANNOT_READ = "This picture cannot be read. Take it again, or send another."


def clean(path: Path, into: Path) -> tuple[int, int]:
    """Write the picture's pixels, upright, as a JPEG without anything else; its width and height, or BadPaper."""
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as read:
            width, height = read.size
            if width * height > MOST_PIXELS[str(read.format)]:
                raise BadPaper(
                    f"This picture has {width} × {height} points: that is too large. Send a smaller one."
                )
            read.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read no larger than it is kept
            upright = ImageOps.exif_transpose(read)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            bare = Image.new("RGB", upright.size, "white")
            bare.paste(upright.convert("RGB"))
    except Image.DecompressionBombError:
        raise BadPaper("This picture has far too many points. Send a smaller one.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise BadPaper(CANNOT_READ) from None
    bare.save(into, "JPEG", quality=QUALITY)
    return bare.size
