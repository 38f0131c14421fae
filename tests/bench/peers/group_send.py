"""The peer of a verb: the same view, after which its frame goes to the boards by one group send.

A middleware of the stock server alone. Dido's own bell is silent there, so that the peer does not pay for both.
"""

from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.http import HttpRequest, HttpResponse

from frontend import cards
from realtime import doorbell
from realtime.models import Entry
from tests.bench.peers.stock import GROUP
from tests.bench.population import STREAM


class AfterAVerb:
    """Send what the verb changed, rendered once, to every socket of the group."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        doorbell.ring = lambda positions: None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            newest = list(Entry.objects.filter(stream_id=STREAM).order_by("-position")[:1])
            layer = get_channel_layer()
            assert layer is not None
            for frame in cards.frames(STREAM, newest):
                async_to_sync(layer.group_send)(GROUP, {"type": "board.event", "frame": frame})
        return response
