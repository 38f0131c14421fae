"""The socket's address."""

from typing import Any

from django.urls import path

from realtime import consumers

urlpatterns: list[Any] = [path("ws/feed/", consumers.feed)]  # type: ignore[arg-type]
