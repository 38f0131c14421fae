"""Every address of Dido."""

from django.urls import include, path

urlpatterns = [
    path("", include("frontend.urls")),
    path("", include("api.health_urls")),
    path("api/v1/", include("api.urls")),
    path("twilio/", include("paging.urls")),
    path("notify/", include("paging.notify_urls")),
]
