"""Every template of a text and of a call against the longest and strangest names: one segment, whole codes, whole XML.

The templates are found by looking, so that a new one cannot be forgotten, and what each may be given is a table: a
template that asks for anything else is a violation, because it might be a patient's.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from types import ModuleType
from xml.etree import ElementTree

from django.conf import settings
from django.test import override_settings

from network.models import PhoneTrouble
from paging import replies, speech, texts
from paging.simulator import keywords, segments
from referrals.codes import ALPHABET, REFERRAL_LENGTH, REPLY_LENGTH
from tests.prove import names
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.telling import teller

Template = Callable[..., str]
Said = dict[str, object]

NOT_TEMPLATES = {
    texts.__name__: {"plain", "fit"},
    speech.__name__: {"spelled", "call", "result", "nothing"},
}
KEYWORDS = keywords.STOP_WORDS | keywords.START_WORDS | keywords.HELP_WORDS | replies.LEFT_TO_PROVIDER
PUBLIC = (
    "https://dido.example",
    "https://dido.thrombectomy.cheshire-and-merseyside.example",
    "https://" + "very-long." * 12 + "example",
)
LONGEST_TWIML = 4000  # characters that Twilio takes
VERBS = {"Response", "Say", "Gather", "Pause", "Hangup"}
SECRET = 22  # letters of the secret in a crew's link
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)
KEYS = ("accept", "decline", "say that you are looking")


def _code(rng: Random, length: int) -> str:
    return "".join(rng.choices(ALPHABET, k=length))


# Everything that a template may be given. Nothing of it is a patient's.
MAY_SAY: Mapping[str, Callable[[Random], object]] = {
    "code": lambda rng: _code(rng, rng.choice([REFERRAL_LENGTH, REPLY_LENGTH, 6])),
    "reply": lambda rng: _code(rng, REPLY_LENGTH),
    "spoke": lambda rng: names.strange(rng, names.PLACE),
    "hub": lambda rng: names.strange(rng, names.PLACE),
    "operator": lambda rng: names.strange(rng, names.PERSON),
    "name": lambda rng: names.strange(rng, names.PERSON),
    "since": lambda rng: SUMMER + timedelta(minutes=rng.randrange(525_600)),
    "why": lambda rng: rng.choice([str(label) for label in PhoneTrouble.labels] + ["cannot be reached"]),
    "fault": lambda rng: names.strange(rng, names.PERSON),
    "address": lambda rng: f"{PUBLIC[1]}/crew/#{_code(rng, SECRET)}",
}
PLAIN: Said = {
    "code": "R7K2", "reply": "BCDFG", "spoke": "York", "hub": "Leeds", "operator": "A Bee", "name": "A Bee",
    "since": SUMMER, "why": "is off", "fault": "slow",
    "address": f"{PUBLIC[0]}/crew/#{'x' * SECRET}",
}  # fmt: skip


def templates(module: ModuleType) -> dict[str, Template]:
    """Every function of this module that makes words out of named facts."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in NOT_TEMPLATES[module.__name__]
    }


def asked_for(function: Template) -> list[str]:
    """What this template must be given."""
    return list(inspect.signature(function).parameters)


def allowed(found: Mapping[str, Template], tally: Tally) -> dict[str, Template]:
    """The templates that ask for nothing but what a page may say; each of the others is a violation."""
    for name, function in found.items():
        if foreign := set(asked_for(function)) - set(MAY_SAY):
            tally.violation(f"{name} asks for {', '.join(sorted(foreign))}, which no page may say")
    return {name: function for name, function in found.items() if set(asked_for(function)) <= set(MAY_SAY)}


def run(size: int, seed: int) -> Result:
    """So many combinations of a template, names and an address; before them every real name in every template."""
    return _run(size, seed, templates(texts), templates(speech))


def _run(size: int, seed: int, written: Mapping[str, Template], spoken: Mapping[str, Template]) -> Result:
    rng, tally = Random(seed), Tally()
    written, spoken = allowed(written, tally), allowed(spoken, tally)
    checks = [(_check_text, name, function) for name, function in written.items()] * 4
    checks += [(_check_call, name, function) for name, function in spoken.items()]
    longest = 0
    real = names.real() if size >= len(checks) else []
    for public in PUBLIC:
        with override_settings(PUBLIC_URL=public):
            for check, name, function in dict.fromkeys(checks):
                for place in real if size >= PROOF.size or public == PUBLIC[0] else ():
                    said = {ask: PLAIN[ask] for ask in asked_for(function)}
                    said |= {ask: place for ask in ("spoke", "hub") if ask in said}
                    longest = max(longest, check(name, function, said, rng, tally))
            for _ in range(size // len(PUBLIC) if checks else 0):
                teller.step(tally.cases, size)
                check, name, function = rng.choice(checks)
                said = {ask: MAY_SAY[ask](rng) for ask in asked_for(function)}
                longest = max(longest, check(name, function, said, rng, tally))
    return tally.result(
        texts=len(written),
        calls=len(spoken),
        real_names=len(real),
        public_addresses=len(PUBLIC),
        longest=longest,
    )


def _check_text(name: str, function: Template, said: Said, rng: Random, tally: Tally) -> int:
    tally.cases += 1
    text = function(**said)
    septets = len(text) + sum(letter in segments.GSM_EXTENSION for letter in text)
    tally.check(
        segments.encoding(text) == "GSM-7" and septets <= 160, f"{name} is no single segment: {text!r}"
    )
    first = re.sub(r"[^A-Z]", "", text.split(maxsplit=1)[0].upper())
    tally.check(first not in KEYWORDS, f"{name} begins with a keyword of the provider: {text!r}")
    for word in _codes(name, function, said):
        tally.check(word in text.split(), f"{name} has not {word!r} whole: {text!r}")
    links = [word for word in text.split() if word.startswith(settings.PUBLIC_URL)]
    whole = said.get("address", f"{settings.PUBLIC_URL}/r/{said.get('code')}/")
    tally.check(all(link == whole for link in links), f"{name} has a broken link: {text!r}")
    return septets


_PATTERNS: dict[Template, list[str]] = {}


def _codes(name: str, function: Template, said: Said) -> list[str]:
    """The words with a code in them that this template shows with plain names, and must show with every other."""
    if function not in _PATTERNS:
        shown = function(**{ask: PLAIN[ask] for ask in asked_for(function)}).split()
        words = [word for word in shown if not word.startswith("http")]
        marks = {ask: str(PLAIN[ask]) for ask in ("code", "reply") if ask in asked_for(function)}
        found = [(word, ask, mark) for word in words for ask, mark in marks.items() if mark in word]
        _PATTERNS[function] = [word.replace(mark, f"{{{ask}}}") for word, ask, mark in found]
    return [pattern.format(**said) for pattern in _PATTERNS[function]]


def _check_call(name: str, function: Template, said: Said, rng: Random, tally: Tally) -> int:
    tally.cases += 1
    words = function(**said)
    digits = rng.sample("123456789", rng.randrange(len(KEYS) + 1))
    keys = list(zip(digits, KEYS, strict=False))
    twiml = speech.call(words, keys=keys, action=f"{settings.PUBLIC_URL}/twilio/voice/answer?page=123456789")
    tally.check(len(twiml) <= LONGEST_TWIML, f"{name} is too long a call: {len(twiml)} characters")
    try:
        root = ElementTree.fromstring(twiml)
    except ElementTree.ParseError as error:
        tally.violation(f"{name} is no XML ({error}): {twiml!r}")
        return 0
    tally.check({element.tag for element in root.iter()} <= VERBS, f"{name} does something else: {twiml!r}")
    heard = [element.text or "" for element in root.iter("Say")]
    tally.check(_sound(words) in map(_sound, heard), f"{name} is not heard whole: {twiml!r}")
    if "code" in said:
        tally.check(speech.spelled(str(said["code"])) in words, f"{name} does not say its code: {words!r}")
    for digit, does in keys:
        tally.check(f"To {does}, press {digit}." in heard, f"{name} does not say the key {digit}: {twiml!r}")
    return 0


def _sound(words: str) -> str:
    """What can be heard of these words: no gaps, and nothing that has no sign of its own."""
    return "".join(letter for letter in words if letter.isprintable() and not letter.isspace())


def _unfitted(*, code: str, spoke: str, hub: str, reply: str) -> str:
    return f"STROKE {code} from {spoke} for {hub}. Reply {reply} accept, X{reply} decline."


def _cut_at_the_end(*, code: str, operator: str, hub: str, reply: str) -> str:
    words = f"STROKE {code} {texts.plain(hub)}: {texts.plain(operator * 2)} accepted. Reply {reply}, X{reply}"
    return texts.fit(words)


def _a_name_first(*, hub: str, reply: str) -> str:
    return texts.fit(f"{hub}: reply {reply} accept.")


def _a_patient(*, code: str, family_name: str) -> str:
    return texts.fit(f"STROKE {code} {family_name}")


def _with_a_name_in_it(broken: str, function: Template) -> Control:
    def check(size: int, seed: int) -> Result:
        return _run(size, seed, {function.__name__: function}, {})

    return Control(broken=broken, run=check, size=3000)


PROOF = Proof(
    promise="Every text is one GSM-7 segment with its codes whole and no keyword first, every call is whole TwiML "
    "within Twilio's limit, whatever the names are; and no template can be given a patient's fact.",
    unit="combinations of template, names and address",
    size=1_000_000,
    least=1500,
    run=run,
    controls=(
        _with_a_name_in_it("a text that is not fitted", _unfitted),
        _with_a_name_in_it("a text that is cut at its end, codes and all", _cut_at_the_end),
        _with_a_name_in_it("a text that begins with a name", _a_name_first),
        _with_a_name_in_it("a text that takes a patient's name", _a_patient),
    ),
)
