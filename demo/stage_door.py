"""What the director's process stands on: the one lock that lets a single director play, and the phones.

Called by the command night. The lock lives in a database session of its own, because a pooled connection would keep
it after being given back.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from django.db import connection

from demo.players import Deed, PickUp, Press, Text
from paging import phones

log = structlog.get_logger(__name__)

LOCK = 0x4449444F  # "DIDO": only one director plays in a database


class Baton:
    """Held by the director who plays; a second one waits for it."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = dict(parameters)
        self._session: psycopg.Connection[Any] | None = None
        self._held = False

    @classmethod
    def of_this_database(cls) -> "Baton":
        """The baton of the database that Django uses."""
        wanted = ("dbname", "user", "password", "host", "port", "connect_timeout")
        known = connection.get_connection_params()
        return cls({name: known[name] for name in wanted if name in known})

    def take(self) -> bool:
        """Is the baton ours? Tries to take it, and sees when its session has been lost; raises what psycopg raises."""
        try:
            if self._session is None or self._session.closed:
                self._held = False
                self._session = psycopg.connect(
                    **self._parameters, application_name="dido night", autocommit=True
                )
            if self._held:
                self._session.execute("select 1")
            else:
                row = self._session.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
                self._held = bool(row and row[0])
        except psycopg.Error:
            self.drop()
            raise
        return self._held

    def drop(self) -> None:
        """Let the next director play."""
        if self._session is not None:
            with contextlib.suppress(psycopg.Error):  # the session may be what was lost
                self._session.execute(
                    "select pg_advisory_unlock_all()"
                )  # a closed one is noticed a moment later
            self._session.close()
        self._session, self._held = None, False


class Hands:
    """What people do with their phones; says once when the simulator is away, and once when it is back."""

    def __init__(self) -> None:
        self._away = False

    def __call__(self, deed: Deed) -> None:
        """Do it, or let it be: whoever could not answer by phone answers on the screen."""
        try:
            if isinstance(deed, Text):
                phones.reply(deed.number, deed.body)
            elif isinstance(deed, PickUp):
                phones.answer(deed.number)
            elif isinstance(deed, Press):
                phones.press(deed.number, deed.key)
            else:
                phones.set_signal(deed.number, deed.on)
        except phones.Refused:
            log.info("night_phone_refused")
        except phones.PhonesAway:
            if not self._away:
                log.warning("night_phones_away")
            self._away = True
            return
        if self._away:
            log.info("night_phones_back")
        self._away = False
