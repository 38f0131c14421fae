"""What the pager does not read: what is a patient's, or only an address. A referral here is its code and its people.

Used where rows are taken together with all that they belong to; a field that is left out is read when it is asked for.
"""

from collections.abc import Iterable

from django.db.models import Model

from network.models import Site
from referrals.models import Referral

OF_A_REFERRAL = {"id", "code", "state", "version", "spoke", "hub", "operator", "supervisor"}
OF_A_SITE = {"id", "code", "short_name", "network"}


def _rest(model: type[Model], kept: set[str]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name not in kept]


def unread(*, referrals: Iterable[str] = (), sites: Iterable[str] = ()) -> list[str]:
    """The fields to defer, where referrals and sites are joined by these names."""
    facts = [f"{name}__{field}" for name in referrals for field in _rest(Referral, OF_A_REFERRAL)]
    return facts + [f"{name}__{field}" for name in sites for field in _rest(Site, OF_A_SITE)]
