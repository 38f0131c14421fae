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
        if trail_check.faults(referral, sorted(referral.events.all(), key=lambda e: e.number)):
            yield from _looked_at_again(referral.pk)


@transaction.atomic
def _looked_at_again(pk: int) -> list[str]:
    # Somebody may have done a verb between the two reads: held still, only a real fault remains.
    return trail_check.verify(Referral.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk))


class Command(BaseCommand):
    help = "Checks the hash chain of every referral's trail; fails and names each event that was changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = list(_faults())
        walked = Referral.objects.count()
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(f"{len(found)} faults in the trails of {walked} referrals.")
        self.stdout.write(f"The trails of {walked} referrals are as they were written.")
