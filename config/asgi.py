"""HTTP to Django, WebSockets to the feed."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from django.conf import settings  # noqa: E402 the apps must be loaded first
from django.urls import get_resolver  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from realtime.routing import urlpatterns  # noqa: E402

# All code is loaded now, so that the night's first patient does not wait for it.
import_string(settings.FEED_RENDERER)
_ = get_resolver().url_patterns

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(urlpatterns)})
