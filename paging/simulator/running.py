"""Runs a simulator beside the caller, in a thread of its own, over real HTTP.

Used by tests and fixtures: `with running(config) as simulator: simulator.url`. The phones are held through
the returned `Simulator`. It must never be used to serve a demonstration; the management command does that.
"""

import contextlib
from collections.abc import Iterator

from paging.simulator import beside, server
from paging.simulator.client import ControlClient
from paging.simulator.config import SimulatorConfig


class Simulator(ControlClient):
    """A running simulator: its address, its account, and the hand that holds its phones."""

    def __init__(self, url: str, config: SimulatorConfig) -> None:
        super().__init__(url, account_sid=config.account_sid, auth_token=config.auth_token)
        self.config = config


@contextlib.contextmanager
def running(config: SimulatorConfig, *, port: int = 0) -> Iterator[Simulator]:
    """A simulator on this machine for as long as the block lasts; port 0 takes a free one."""
    with beside.serving(server.build_app(config), port=port) as url:
        yield Simulator(url, config)
