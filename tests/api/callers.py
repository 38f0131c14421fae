"""Programs that call the API as somebody."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from network import people
from tests.world import LONG_AGO, World


@dataclass
class Caller:
    """One program with one token."""

    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def _headers(self, key: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return headers | ({"Idempotency-Key": key} if key else {})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query or None, headers=self._headers(""))

    def post(self, path: str, said: Any = None, *, key: str = "") -> Any:
        """Send something as JSON; bytes are sent as they are."""
        return self.client.post(
            f"/api/v1{path}",
            {} if said is None else said,
            content_type="application/json",
            headers=self._headers(key),
        )

    def does(self, code: str, verb: str, *, key: str = "", **said: Any) -> Any:
        return self.post(f"/referrals/{code}/{verb}", said, key=key)


def caller(world: World, username: str) -> Caller:
    """A program that acts as this person."""
    return Caller(people.issue_token(world.people[username], at=LONG_AGO))
