"""The feed's fixtures: a tail that looks often, a renderer without screens, and a Redis that is dead."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import get_channel_layer

from realtime import tail
from tests.realtime.transports import transports, way  # noqa: F401 fixtures


def dead_redis() -> dict[str, Any]:
    """A channel layer whose port answers nobody."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    hosts = [{"address": f"redis://127.0.0.1:{port}/0", "socket_connect_timeout": 1}]
    return {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": hosts}}
    }


@pytest.fixture
def redis_is_dead(settings: Any) -> None:
    settings.CHANNEL_LAYERS = dead_redis()


@pytest_asyncio.fixture
async def feed_runs(
    settings: Any, monkeypatch: pytest.MonkeyPatch, quiet_connections: None
) -> AsyncIterator[None]:
    """The tail of this test's event loop; it ends with the test."""
    settings.FEED_RENDERER = "tests.realtime.rendering.frames"
    monkeypatch.setattr(tail, "POLL", 0.05)
    monkeypatch.setattr(tail, "BEAT", 0.2)
    yield
    await tail.here().stop()
    layer = get_channel_layer()
    assert layer is not None
    await layer.flush()
