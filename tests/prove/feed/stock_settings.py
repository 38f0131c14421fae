"""Dido's settings with Channels' own Redis layer, for the control in stock.py alone."""

from config.settings import *  # noqa: F403 all of them
from config.settings import REDIS_URL

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}
