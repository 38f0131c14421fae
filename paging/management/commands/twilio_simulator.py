"""Serves the small Twilio of our own, with the account that Django's settings name, on this machine only.

Started by `make run` where no Twilio is configured. It must never be started beside real credentials: it
would sign callbacks with them.
"""

from argparse import ArgumentParser

from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from paging.simulator import beside, server
from paging.simulator.config import SimulatorConfig


def config_from_settings() -> SimulatorConfig:
    """The account in Django's settings, as the simulator wants it."""
    missing = [
        name
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "PUBLIC_URL")
        if not getattr(settings, name)
    ]
    if missing:
        raise CommandError(f"Set {', '.join(missing)}: the simulator plays the account that Dido uses.")
    return SimulatorConfig(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        numbers=tuple(number.strip() for number in settings.TWILIO_FROM.split(",")),
        inbound_url=f"{settings.PUBLIC_URL}/twilio/sms/inbound",
    )


class Command(BaseCommand):
    """`manage.py twilio_simulator [--port N]`"""

    help = "Serve a small Twilio of our own on 127.0.0.1, with phones to see and answer."
    # It uses nothing of Dido but four settings, so it need not wait for Dido to be in order.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option: the port."""
        parser.add_argument("--port", type=int, default=settings.SIMULATOR_PORT, help="or SIMULATOR_PORT")

    def handle(self, *args: object, port: int, **options: object) -> None:
        """Serve until interrupted."""
        if not port:
            raise CommandError("Give a port: --port, or SIMULATOR_PORT in the environment.")
        app = server.build_app(config_from_settings())

        def serving(_: str) -> None:
            self.stdout.write(f"Twilio simulator at http://{beside.HOST}:{port}")
            self.stdout.flush()

        try:
            web.run_app(
                app, host=beside.HOST, port=port, print=serving, access_log=None, shutdown_timeout=1.0
            )
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
