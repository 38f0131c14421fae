"""Dido's settings, changed where one figure needs it; BENCH names the changes. For the benchmark alone.

`payload`: an event is 1 KB of text instead of a card. `slow`: an address whose view waits 50 ms for the database.
`no_pool`: Django's default connection handling. `group_send`: after a verb, one group send instead of the bell.
"""

import os

from config.settings import *  # noqa: F403 all of them
from config.settings import DATABASES, MIDDLEWARE

changes = os.environ.get("BENCH", "").split(",")
if "payload" in changes:
    FEED_RENDERER = "tests.bench.payload.frames"
if "slow" in changes:
    ROOT_URLCONF = "tests.bench.slow"
if "no_pool" in changes:
    del DATABASES["default"]["OPTIONS"]["pool"]
if "group_send" in changes:
    MIDDLEWARE = [*MIDDLEWARE, "tests.bench.peers.group_send.AfterAVerb"]
