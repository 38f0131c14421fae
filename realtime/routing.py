"""The socket's address."""

from typing import Any

from django.urls import path

from realtime.consumers import FeedConsumer

urlpatterns: list[Any] = [path("ws/feed/", FeedConsumer.as_asgi())]  # type: ignore[arg-type]
