"""Serves the small GOV.UK Notify of our own, with the service that Django's settings name, on this machine only.

For trying out the second way out for texts by hand. It must never be started beside a real key: it would take it for
its own and report with the real callbacks' token.
"""

from argparse import ArgumentParser

from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from paging.simulator import beside
from paging.simulator_notify import server
from paging.simulator_notify.config import API_KEY, NotifyConfig


def config_from_settings() -> NotifyConfig:
    """The service in Django's settings, as the simulator wants it."""
    needed = ("NOTIFY_API_KEY", "NOTIFY_TEMPLATE_ID", "NOTIFY_CALLBACK_TOKEN", "NOTIFY_API_URL")
    if missing := [name for name in needed if not getattr(settings, name)]:
        raise CommandError(f"Set {', '.join(missing)}: the simulator plays the service that Dido uses.")
    if not API_KEY.fullmatch(settings.NOTIFY_API_KEY):
        raise CommandError(
            "NOTIFY_API_KEY must be a name, a service's id and a secret, with dashes between them."
        )
    return NotifyConfig(
        api_key=settings.NOTIFY_API_KEY,
        template_id=settings.NOTIFY_TEMPLATE_ID,
        status_url=f"{settings.PUBLIC_URL}/notify/status",
        inbound_url=f"{settings.PUBLIC_URL}/notify/inbound",
        callback_token=settings.NOTIFY_CALLBACK_TOKEN,
    )


class Command(BaseCommand):
    """`manage.py notify_simulator --port N`"""

    help = "Serve a small GOV.UK Notify of our own on 127.0.0.1, with texts to see and answer."
    # It uses nothing of Dido but its settings, so it need not wait for Dido to be in order.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option: the port."""
        parser.add_argument("--port", type=int, required=True, help="the port that NOTIFY_API_URL names")

    def handle(self, *args: object, port: int, **options: object) -> None:
        """Serve until interrupted."""
        app = server.build_app(config_from_settings())

        def serving(_: str) -> None:
            self.stdout.write(f"Notify simulator at http://{beside.HOST}:{port}")
            self.stdout.flush()

        try:
            web.run_app(
                app, host=beside.HOST, port=port, print=serving, access_log=None, shutdown_timeout=1.0
            )
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
