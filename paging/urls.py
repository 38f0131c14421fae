"""Where Twilio comes in."""

from django.urls import path

from paging import webhooks

urlpatterns = [
    path("sms/status", webhooks.sms_status, name="twilio-sms-status"),
    path("sms/inbound", webhooks.sms_inbound, name="twilio-sms-inbound"),
    path("voice/status", webhooks.voice_status, name="twilio-voice-status"),
    path("voice/machine", webhooks.voice_machine, name="twilio-voice-machine"),
    path("voice/answer", webhooks.voice_answer, name="twilio-voice-answer"),
]
