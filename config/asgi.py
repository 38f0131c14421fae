"""HTTP to Django, WebSockets to the feed."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 the apps must be loaded first
from django.urls import get_resolver  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from config.requests import OnOneThread  # noqa: E402
from realtime.routing import urlpatterns  # noqa: E402

# All code is loaded now, so that the night's first patient does not wait for it.
import_string(settings.FEED_RENDERER)
_ = get_resolver().url_patterns

application = ProtocolTypeRouter({"http": OnOneThread(), "websocket": URLRouter(urlpatterns)})
