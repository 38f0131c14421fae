"""The only writer of devices: browsers that their owners let us wake.

Called by the profile's views and by the push transport. A browser tells us the address of its push service, so an
address counts only where it lies at one of the known services (PUSH_HOSTS): our server calls nobody else's.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from network.models import Person
from paging.models import Device

MOST = 10  # of one person; each page wakes them all
LONGEST = 1024
# Letter by letter: what one reader takes for the host may be something else to the next (\, @, a blank).
ADDRESS = re.compile(
    r"(?P<origin>(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(?::\d{1,5})?)/[\w!$&'()*+,./:;=?@%~-]*", re.ASCII
)


class NotADevice(Exception):
    """This cannot be woken; the message says why, in the words of the person who pressed the button."""


def is_known(endpoint: str) -> bool:
    """Does this address lie at a push service that we may call?

    An entry of PUSH_HOSTS is a host, a host's whole domain (*.push.apple.com), both by https alone, or an origin
    with its scheme and port.
    """
    found = ADDRESS.fullmatch(endpoint)
    if found is None or len(endpoint) > LONGEST:
        return False
    by_https = found["origin"] in {f"https://{found['host']}", f"https://{found['host']}:443"}
    for entry in settings.PUSH_HOSTS:
        if entry == found["origin"]:
            return True
        is_host = found["host"].endswith(entry[1:]) if entry.startswith("*.") else found["host"] == entry
        if by_https and is_host:
            return True
    return False


def add(person: Person, *, endpoint: str, p256dh: str, auth: str, at: datetime) -> Device:
    """From now on this browser is woken when the person is paged; it belongs to whoever said so last."""
    if not is_known(endpoint):
        raise NotADevice(
            "Dido does not know this browser’s push service. Texts and calls do not depend on it."
        )
    if not (_is_key(p256dh, 65) and _is_key(auth, 16)):
        raise NotADevice("This browser’s answer cannot be read. Load the page again, and try once more.")
    with transaction.atomic():
        device, _ = Device.objects.update_or_create(
            endpoint=endpoint,
            defaults={"person": person, "p256dh": p256dh, "auth": auth, "made_at": at, "failed_at": None},
        )
        newest = Device.objects.filter(person=person).order_by("-made_at", "-pk").values("pk")[:MOST]
        Device.objects.filter(person=person).exclude(pk__in=newest).delete()
    return device


def remove(person: Person, *, endpoint: str) -> bool:
    """This browser of the person is not woken any more; False where it is none of theirs."""
    return bool(Device.objects.filter(person=person, endpoint=endpoint).delete()[0])


def forget(person: Person) -> None:
    """No browser is woken for this person any more, until they say so of one again."""
    Device.objects.filter(person=person).delete()


def gone(endpoint: str) -> None:
    """The push service says that nobody is there any more."""
    Device.objects.filter(endpoint=endpoint).delete()


def refused(endpoint: str) -> None:
    """The push service would not wake this browser for us; its owner sees so."""
    Device.objects.filter(endpoint=endpoint, failed_at=None).update(failed_at=Now())


def moved(*, old: str, endpoint: str, p256dh: str, auth: str, at: datetime) -> bool:
    """The browser has got another address by itself; False where we never knew the old one.

    Only that browser and its push service know the old address, so knowing it is proof enough.
    """
    device = Device.objects.select_related("person").filter(endpoint=old).first()
    if device is None:
        return False
    with transaction.atomic():
        gone(old)
        add(device.person, endpoint=endpoint, p256dh=p256dh, auth=auth, at=at)
    return True


def owner(endpoint: str) -> Person | None:
    """Whose browser this is."""
    device = Device.objects.select_related("person").filter(endpoint=endpoint).first()
    return device.person if device else None


def addresses(person_id: int) -> list[str]:
    """Where this person's browsers can be woken, the latest first."""
    found = Device.objects.filter(person_id=person_id).order_by("-made_at", "-pk")
    return [endpoint for endpoint in found.values_list("endpoint", flat=True) if is_known(endpoint)]


def _is_key(said: str, length: int) -> bool:
    try:
        return len(urlsafe_b64decode(said + "=" * (-len(said) % 4))) == length
    except (binascii.Error, ValueError):
        return False
