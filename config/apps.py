from django.apps import AppConfig
from django.core import checks

from config import checks as ours


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        checks.register(ours.can_page)
        checks.register(ours.demo_is_not_public)
        checks.register(ours.pages_have_two_ways)
