"""A visit by a browser: who is here, and what they read and where they go when what they asked for is done.

Called by the views, behind login_required; it decides nothing about what anybody may see or do.
"""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from frontend import waits
from network.models import Person


def person(request: HttpRequest) -> Person:
    """Who is signed in; login_required stands in front of every caller."""
    assert isinstance(request.user, Person)
    return request.user


def see_other(where: str, *parts: str | int, **named: str | int) -> HttpResponse:
    """On to another page by a GET (303), so that loading it again does nothing twice."""
    response = HttpResponseRedirect(resolve_url(where, *parts, **named))
    response.status_code = 303
    return response


def saved(request: HttpRequest, what: str, *, at: datetime) -> None:
    """The next page says what was done, and at which second it was saved."""
    messages.success(request, f"{what}. Saved at {waits.hour(at, seconds=True)}.")
