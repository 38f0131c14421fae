"""HTTP to Django, WebSockets to the feed."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from realtime.routing import urlpatterns  # noqa: E402 the apps must be loaded first

application = ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(URLRouter(urlpatterns))})
