"""Where GOV.UK Notify comes in."""

from django.urls import path

from paging import notify_hooks

urlpatterns = [
    path("status", notify_hooks.status, name="notify-status"),
    path("inbound", notify_hooks.inbound, name="notify-inbound"),
]
