"""The siren on the boards: the way to people that needs no provider at all.

The page itself is the deed: while it is open, the card of its referral carries the siren, and each board that sounds
says so. It reaches nobody whose boards are closed, so it never counts as somebody reached.
"""

from paging.transports.contract import Kind, Order, Outcome, Report


class Siren:
    """The boards of one site."""

    provider, channel = "siren", "siren"

    def send(self, order: Order) -> Outcome:
        """Let the boards of this site sound; refused where no site is named."""
        return Outcome(Kind.ACCEPTED, status="sent") if order.to else Outcome(Kind.REFUSED, error="no_number")

    def status(self, provider_id: str) -> Report | None:  # noqa: ARG002 there is nobody to ask
        """A board that sounds says so by itself."""
        return None
