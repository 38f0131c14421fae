"""Who is calling: the bearer token of the Authorization header, and nothing else. Called by every endpoint.

No cookie counts here, so a browser that is signed in elsewhere cannot be made to press anything.
"""

from django.http import HttpRequest
from ninja.security import HttpBearer

from network import people
from network.models import Person


class AsPerson(HttpRequest):
    """A request whose token was somebody's."""

    auth: Person


class Bearer(HttpBearer):
    """A token made by `manage.py token`."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:  # noqa: ARG002 ninja's own way
        return people.bearer(token.strip())
