"""How many parts a text message is cut into: the GSM 03.38 and UCS-2 rules, and nothing else.

Called when a message is created and when its resource is shown. Pure; it must never alter the text.
"""

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and a second septet.
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


def encoding(body: str) -> str:
    """`GSM-7` where every character is in the phone alphabet, otherwise `UCS-2`."""
    return "GSM-7" if all(letter in GSM_BASIC or letter in GSM_EXTENSION for letter in body) else "UCS-2"


def count(body: str) -> int:
    """The number of parts that the text is carried in; an empty text is one part."""
    gsm = encoding(body) == "GSM-7"
    single, part = (GSM_SINGLE, GSM_PART) if gsm else (UCS2_SINGLE, UCS2_PART)
    widths = [_width(letter, gsm=gsm) for letter in body]
    if sum(widths) <= single:
        return 1
    return _parts(widths, part)


def _width(letter: str, *, gsm: bool) -> int:
    if gsm:
        return 2 if letter in GSM_EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _parts(widths: list[int], size: int) -> int:
    # An escape pair and a surrogate pair are never torn apart, so a part may end one unit early.
    parts, used = 1, 0
    for width in widths:
        if used + width > size:
            parts, used = parts + 1, 0
        used += width
    return parts
