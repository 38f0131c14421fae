"""Walks the trail of every referral and fails where one is not as it was written."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from referrals import trail_check
from referrals.models import Referral

AT_ONCE = 500  # referrals whose events are held in memory together


def _faults() -> Iterator[str]:
    for referral in Referral.objects.order_by("pk").prefetch_related("events").iterator(chunk_size=AT_ONCE):
        yield from trail_check.faults(referral, sorted(referral.events.all(), key=lambda e: e.number))


class Command(BaseCommand):
    help = "Checks the hash chain of every referral's trail; fails and names each event that was changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        with transaction.atomic():  # one snapshot for each batch: nothing is written in between
            found = list(_faults())
            walked = Referral.objects.count()
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(f"{len(found)} faults in the trails of {walked} referrals.")
        self.stdout.write(f"The trails of {walked} referrals are as they were written.")
