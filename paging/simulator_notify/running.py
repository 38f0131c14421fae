"""Runs a simulated Notify beside a test: `with running(config) as simulator: simulator.url`.

The phones are held through the returned `Simulator`, which speaks to the control interface as the other simulator's
client does.
"""

import contextlib
from collections.abc import Iterator

from paging.simulator import beside
from paging.simulator.client import ControlClient
from paging.simulator_notify import server
from paging.simulator_notify.config import NotifyConfig


class Simulator(ControlClient):
    """A running simulator: its address, its service, and the hand that holds its phones."""

    def __init__(self, url: str, config: NotifyConfig) -> None:
        super().__init__(url, account_sid=config.service_id, auth_token=config.secret)
        self.config = config

    def change_service(self, **wishes: object) -> None:
        """Change the service: trial_team, daily_limit, status_url, inbound_url."""
        self._call("PUT", "/control/service", wishes)


@contextlib.contextmanager
def running(config: NotifyConfig, *, port: int = 0) -> Iterator[Simulator]:
    """A simulator on this machine for as long as the block lasts; port 0 takes a free one."""
    with beside.serving(server.build_app(config), port=port) as url:
        yield Simulator(url, config)
