"""Who is signed in, which is asked with every request: Django's own sessions and people, by questions that are kept.

Named in config.settings: the store of sessions, and the backend that signs people in.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField
from django.utils import timezone

from network.kept import Kept
from network.models import Person

SESSION = Kept(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key=None,
    now=DateTimeField(),
)
PERSON = Kept(lambda number: Person.objects.filter(pk=number, is_active=True), number=None)


class SessionStore(db.SessionStore):
    """Rows that Django's own store reads as well."""

    def load(self) -> dict[str, Any]:
        """What was kept under the key; nothing, and no key, where there is none or it has ended."""
        key = self.session_key or ""
        found = SESSION.rows(key=key, now=timezone.now()) if key.isalnum() and key.isascii() else []
        if not found:
            self._session_key = None
            return {}
        kept: dict[str, Any] = self.decode(found[0].session_data)
        return kept


class SignIn(ModelBackend):
    """By password; whoever is disabled is nobody."""

    def get_user(self, user_id: int) -> Person | None:
        return next(iter(PERSON.rows(number=user_id)), None)
