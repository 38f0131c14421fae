"""A referral that this person may not see does not exist for them: every page answers so, and alike.

A middleware, as the API has its faults: no view that has nothing else to say of it needs to catch anything.
"""

from django.http import Http404, HttpRequest
from django.utils.deprecation import MiddlewareMixin

from referrals.refusals import NotVisible


class Unseen(MiddlewareMixin):
    """NotVisible, wherever a view lets it through, is Not Found."""

    def process_exception(self, _request: HttpRequest, fault: Exception) -> None:
        if isinstance(fault, NotVisible):
            raise Http404 from fault
