"""Telephone numbers as people here write and read them; a mobile number is told from all others. Pure.

Used by the screens that show a number to ring, and by everybody's own page. What is kept is always E.164.
"""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

HOME = "GB"
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
DRAMA = (
    "+447700900"  # Ofcom keeps 07700 900000 to 900999 for stories: the tables know them as no number at all
)
LONGEST = 40


class NotMobile(Exception):
    """This is no mobile number; the message says why, in the words of the person who typed it."""


def shown(number: str) -> str:
    """0151 496 0100 for a number of this country, +353 87 123 4567 for any other; as it is where it is none."""
    try:
        read = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return number
    here = read.country_code == phonenumbers.country_code_for_region(HOME)
    form = PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
    return _grouped(phonenumbers.format_number(read, form))


def _grouped(said: str) -> str:
    """A number of drama has no groups in the tables either."""
    plain = said.replace(" ", "")
    return f"{plain[:5]} {plain[5:]}" if plain.startswith("07") and len(plain) == len("07700900123") else said


def mobile(typed: str) -> str:
    """The mobile number that was typed, E.164; NotMobile says what is wrong with it."""
    if not typed.strip():
        raise NotMobile("Type your mobile number, like 07700 900123.")
    try:
        read = phonenumbers.parse(typed[:LONGEST], HOME)
    except phonenumbers.NumberParseException:
        raise NotMobile("This is not a telephone number. Write it like 07700 900123.") from None
    number = phonenumbers.format_number(read, PhoneNumberFormat.E164)
    if read.extension:
        raise NotMobile("A mobile number has no extension. Write it like 07700 900123.")
    if number.startswith(DRAMA) and len(number) == len(DRAMA) + 3:
        return number
    if not phonenumbers.is_valid_number(read):
        raise NotMobile(f"{shown(number)} is no telephone number in use. Check the digits.")
    if phonenumbers.number_type(read) not in MOBILE:
        raise NotMobile(
            f"{shown(number)} is not a mobile number: it would get no text. Type a mobile number."
        )
    return number
