"""Ways to falsify a signed request: its seal, its words, its dress, and the gaps in Twilio's own scheme.

Each takes a well-signed request and gives back one that must be refused, or nothing where it cannot be done to this
one. A mutant that says the same under the same seal is no mutant; `mutate` draws again.
"""

import hashlib
import json
import string
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Literal

from django.urls import reverse

from tests.prove.doors import ACCOUNT, DOORS, FORM, PUBLIC, Pairs, Sent, meaning, seal, signature

Mutation = Callable[[Sent, Random], Sent | None]
LETTERS = string.ascii_letters + string.digits
STRANGE = ["", " ", "\x00", "é", "🧠", "％", "STOP", "X", "0", "-1", "&", "=", ";", "%", "+44"]
EVIL = (
    "http://dido.example",
    "https://evil.example",
    "https://dido.example.evil.example",
    "https://localhost",
)


def _value(sent: Sent, rng: Random, change: Callable[[str], str]) -> Sent:
    pairs = list(sent.pairs)
    number = rng.randrange(len(pairs))
    pairs[number] = (pairs[number][0], change(pairs[number][1]))
    return replace(sent, pairs=tuple(pairs))


def _spoilt(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    return rng.choice(
        [text[:at] + rng.choice(LETTERS) + text[at + 1 :], text[:at], text + rng.choice(STRANGE)]
    )


def _signature(sent: Sent, rng: Random) -> Sent:
    whole = sent.signature or ""
    at = rng.randrange(len(whole))
    other = rng.choice([c for c in LETTERS if c != whole[at]])
    forged = [
        None, "", "AAAA", whole[:at] + other + whole[at + 1 :], whole[:at], whole + other, whole.swapcase(),
        whole[::-1], f"{whole}, {whole}", f'"{whole}"', "Ã¤", whole.rstrip("="), "=" * 28,
    ]  # fmt: skip
    return replace(sent, signature=rng.choice(forged))


def _another_token(sent: Sent, rng: Random) -> Sent:
    return sent.signed(token=rng.choice(["", "token-of-the-proog", "Token-of-the-proof", ACCOUNT]))


def _part_signed(sent: Sent, rng: Random) -> Sent:
    others = [sent.url, "".join(name + value for name, value in sent.pairs), sent.path]
    return replace(sent, signature=signature(rng.choice(others), "token-of-the-proof"))


def _another_algorithm(sent: Sent, rng: Random) -> Sent:
    header = ("X-Twilio-Webhooks-Signature-Settings", "algorithm=none")
    return replace(sent, signature=signature("", ""), headers=(header,))


def _another_host(sent: Sent, rng: Random) -> Sent:
    origin = rng.choice(EVIL)
    scheme, _, host = origin.partition("://")
    told = [
        ("Host", host),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Proto", scheme),
        ("Forwarded", f"host={host}"),
    ]
    spoken = tuple(header for header in told if rng.random() < 0.5)
    return replace(sent.signed(url=sent.url.replace(PUBLIC, origin)), headers=spoken)


def _a_changed_value(sent: Sent, rng: Random) -> Sent:
    return _value(sent, rng, lambda value: _spoilt(value, rng))


def _a_changed_name(sent: Sent, rng: Random) -> Sent:
    pairs = list(sent.pairs)
    number = rng.randrange(len(pairs))
    name = pairs[number][0]
    pairs[number] = (
        rng.choice([name.lower(), name + "[]", name[:-1], " " + name, _spoilt(name, rng)]),
        pairs[number][1],
    )
    return replace(sent, pairs=tuple(pairs))


def _a_missing_or_added_pair(sent: Sent, rng: Random) -> Sent:
    pairs = list(sent.pairs)
    if rng.random() < 0.5:
        del pairs[rng.randrange(len(pairs))]
    else:
        name = rng.choice([*(name for name, _ in pairs), "NumMedia", "Extra", ""])
        pairs.insert(rng.randrange(len(pairs) + 1), (name, rng.choice([*STRANGE, *(v for _, v in pairs)])))
    return replace(sent, pairs=tuple(pairs))


def _swapped_values(sent: Sent, rng: Random) -> Sent:
    pairs = list(sent.pairs)
    one, other = rng.sample(range(len(pairs)), 2)
    (a, b), (c, d) = pairs[one], pairs[other]
    pairs[one], pairs[other] = (a, d), (c, b)
    return replace(sent, pairs=tuple(pairs))


def _another_normal_form(sent: Sent, rng: Random) -> Sent | None:
    forms: list[Literal["NFC", "NFD", "NFKC", "NFKD"]] = ["NFC", "NFD", "NFKC", "NFKD"]
    form = rng.choice(forms)
    pairs = tuple((name, unicodedata.normalize(form, value)) for name, value in sent.pairs)
    return replace(sent, pairs=pairs) if pairs != sent.pairs else None


def _another_charset(sent: Sent, rng: Random) -> Sent | None:
    charset = rng.choice(["latin-1", "utf-16", "utf-7", "cp037"])
    return replace(sent, content_type=f"{FORM}; charset={charset}")


def _twice_escaped(sent: Sent, rng: Random) -> Sent | None:
    raw = sent.body.replace(b"%", b"%25") if rng.random() < 0.5 else sent.body.replace(b"&", b";")
    return replace(sent, raw=raw) if raw != sent.body else None


def _another_dress(sent: Sent, rng: Random) -> Sent:
    kind = rng.choice(
        ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "text/xml", FORM + "x"]
    )
    return replace(sent, content_type=kind)


def _json(sent: Sent, rng: Random) -> Sent:
    """Twilio signs a JSON body by its hash in the address: a valid signature over an empty form."""
    raw = json.dumps(dict(sent.pairs)).encode()
    query = sent.query
    if rng.random() < 0.5:
        query = (query + "&" if query else "") + f"bodySHA256={hashlib.sha256(raw).hexdigest()}"
    kind = rng.choice(["application/json", "application/json; charset=utf-8", FORM])
    return replace(sent, query=query, raw=raw, content_type=kind).signed(pairs=())


def _another_method(sent: Sent, rng: Random) -> Sent:
    return replace(sent, method=rng.choice(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]))


def _another_path(sent: Sent, rng: Random) -> Sent:
    others = [reverse(name) for name in DOORS if reverse(name) != sent.path]
    spoilt = [
        sent.path + "/",
        sent.path.upper(),
        sent.path.replace("s/", "s//"),
        sent.path + "%00",
        sent.path[:-1],
    ]
    return replace(sent, path=rng.choice([*others, rng.choice(spoilt)]))


def _another_query(sent: Sent, rng: Random) -> Sent:
    query = sent.query
    spoilt = [query + "&page=1", "page=1", query + "0", query[:-1], query + "&", "page=1&" + query]
    return replace(sent, query=rng.choice(spoilt))


def _another_account(sent: Sent, rng: Random) -> Sent:
    """Well signed, but not for us: another account of the same owner, or none."""
    rest = tuple((name, value) for name, value in sent.pairs if name != "AccountSid")
    account = rng.choice(["AC" + "9" * 32, "", ACCOUNT.lower(), ACCOUNT + " "])
    return replace(sent, pairs=rest if rng.random() < 0.3 else (("AccountSid", account), *rest)).signed()


def _too_much(sent: Sent, rng: Random) -> Sent:
    """Well signed, and larger than anything that Twilio sends."""
    if rng.random() < 0.5:
        return replace(sent, pairs=(*sent.pairs, ("Much", "x" * 300_000))).signed()
    many: Pairs = tuple((f"Many{number}", "") for number in range(1100))
    return replace(sent, pairs=(*sent.pairs, *many)).signed()


def _moved_border(sent: Sent, rng: Random) -> Sent | None:
    """Nothing stands between a name and a value in what is signed: the border moves, the seal stays."""
    pairs = list(sent.pairs)
    number = rng.randrange(len(pairs))
    name, value = pairs[number]
    if number and rng.random() < 0.3:  # the pair before takes this one in
        before, said = pairs[number - 1]
        pairs[number - 1 : number + 1] = [(before, said + name + value)]
    elif rng.random() < 0.5 and value:  # the name takes some of the value
        at = rng.randrange(1, len(value) + 1)
        pairs[number] = (name + value[:at], value[at:])
    elif len(value) > 1:  # the value falls apart into a pair of its own
        start = rng.randrange(1, len(value))
        end = rng.randrange(start + 1, len(value) + 1)
        pairs[number : number + 1] = [(name, value[:start]), (value[start:end], value[end:])]
    return replace(sent, pairs=tuple(pairs))


def _moved_border_of_the_address(sent: Sent, rng: Random) -> Sent | None:
    """The address ends where the first name begins, and nothing stands there either."""
    if not sent.query:
        return None
    if rng.random() < 0.3:
        (name, value), *rest = sent.pairs
        return replace(sent, query=sent.query + name + value, pairs=tuple(rest))
    at = rng.randrange(1, len(sent.query))
    return replace(sent, query=sent.query[:at], pairs=((sent.query[at:], ""), *sent.pairs))


MUTATIONS: dict[str, Mutation] = {
    "forged signature": _signature,
    "another token": _another_token,
    "only a part signed": _part_signed,
    "another algorithm": _another_algorithm,
    "signed for another host": _another_host,
    "a changed value": _a_changed_value,
    "a changed name": _a_changed_name,
    "a missing or added pair": _a_missing_or_added_pair,
    "swapped values": _swapped_values,
    "another Unicode form": _another_normal_form,
    "another charset": _another_charset,
    "escaped otherwise": _twice_escaped,
    "another content type": _another_dress,
    "JSON": _json,
    "another method": _another_method,
    "another path": _another_path,
    "another query": _another_query,
    "another account": _another_account,
    "too much": _too_much,
    "a moved border": _moved_border,
    "a moved border of the address": _moved_border_of_the_address,
}
OFTEN = {"a moved border": 6, "a moved border of the address": 2, "a changed value": 3, "a changed name": 2}
KINDS = [kind for kind in MUTATIONS for _ in range(OFTEN.get(kind, 1))]
SAME_SEAL = {"a moved border", "a moved border of the address"}


def mutate(kind: str, sent: Sent, rng: Random) -> Sent | None:
    """A mutant of this kind; None where this request has none."""
    for _ in range(20):
        mutant = MUTATIONS[kind](sent, rng)
        if mutant is None or mutant == sent:
            continue
        same = seal(mutant.url, mutant.pairs) == seal(sent.url, sent.pairs)
        if kind in SAME_SEAL:
            if same and meaning(mutant) != meaning(sent):
                return mutant
        elif (mutant.signature, mutant.content_type, mutant.method, mutant.headers) != (
            sent.signature, sent.content_type, sent.method, sent.headers
        ) or not same or mutant.raw is not None:  # fmt: skip
            return mutant
    return None
