"""Where Twilio comes in."""

from django.urls import path

from paging import webhooks

urlpatterns = [
    path("sms/status", webhooks.sms_status, name="twilio-sms-status"),
    path("sms/inbound", webhooks.sms_inbound, name="twilio-sms-inbound"),
]
