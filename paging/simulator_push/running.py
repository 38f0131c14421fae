"""Runs the push service beside a test: `with running() as service: service.url`.

The browsers are made and unmade through the returned `PushService`.
"""

import contextlib
from collections.abc import Iterator

from paging.simulator import beside
from paging.simulator.client import ControlClient
from paging.simulator_push import server


class PushService(ControlClient):
    """A running push service, and the hand that holds its browsers."""

    def __init__(self, url: str) -> None:
        super().__init__(url, account_sid="", auth_token="")

    def subscribe(self, device: str, key: str) -> str:
        """A browser subscribes with our public key; its address."""
        self._call("PUT", f"/control/devices/{device}", {"key": key})
        return f"{self.url}/push/{device}"

    def unsubscribe(self, device: str) -> None:
        """A browser goes for good."""
        self._call("DELETE", f"/control/devices/{device}")


@contextlib.contextmanager
def running(*, port: int = 0) -> Iterator[PushService]:
    """A push service on this machine for as long as the block lasts; port 0 takes a free one."""
    with beside.serving(server.build_app(), port=port) as url:
        yield PushService(url)
