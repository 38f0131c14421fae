"""The figures in Prometheus' text format, made afresh at each scrape. No label is about one patient or one person."""

import math
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from api.vitals import Vitals

CONTENT_TYPE = CONTENT_TYPE_LATEST


def text(taken: Vitals | None, *, sockets: int, tail_age: float | None) -> bytes:
    """One scrape's answer."""
    registry = CollectorRegistry()
    registry.register(Figures(taken, sockets=sockets, tail_age=tail_age))
    return generate_latest(registry)


class Figures(Collector):
    """Puts what was read just now into metrics."""

    def __init__(self, taken: Vitals | None, *, sockets: int, tail_age: float | None) -> None:
        self.taken = taken
        self.sockets = sockets
        self.tail_age = tail_age

    def collect(self) -> Iterator[Metric]:
        up = self.taken is not None
        yield _gauge("dido_database_up", "1 while this process can read the database.", float(up))
        yield _gauge("dido_sockets", "Sockets that this process serves.", self.sockets)
        yield _gauge(
            "dido_tail_read_age_seconds", "Since this process last read the streams.", _or_ever(self.tail_age)
        )
        if self.taken is not None:
            yield from _of_the_tables(self.taken)


def _of_the_tables(taken: Vitals) -> Iterator[Metric]:
    yield _gauge("dido_database_read_seconds", "How long a small read took.", taken.database_ms / 1000)
    yield _gauge(
        "dido_pager_tick_age_seconds",
        "Since a pager last ended a whole tick.",
        _or_ever(taken.pager_tick_age),
    )
    yield _gauge("dido_page_overdue_seconds", "Age of the oldest overdue page.", taken.oldest_overdue)
    yield _gauge("dido_open_escalations", "Ladders being climbed.", taken.open_escalations)
    yield _gauge("dido_open_alarms", "Ladders that ended unanswered.", taken.open_alarms)
    yield _by("dido_referrals", "Referrals by state.", "state", taken.referrals.items())
    yield _gauge("dido_unconfirmed_phones", "On call, and no answer to the phone's test.", taken.unconfirmed)
    yield _by_two(
        "dido_pages_last_hour",
        "Pages due within the last hour, by channel and fate.",
        ("channel", "fate"),
        taken.pages,
    )
    yield _by_two(
        "dido_provider_troubled", "1 while it is passed over.", ("provider", "channel"), taken.troubled
    )


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _by_two(
    name: str, help_text: str, labels: tuple[str, str], counted: Mapping[tuple[str, str], float]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for values, count in counted.items():
        family.add_metric(values, float(count))
    return family


def _by(name: str, help_text: str, label: str, counted: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, number in counted:
        family.add_metric([value], number)
    return family


def _or_ever(age: float | None) -> float:
    # Something that never happened must trip the same alert as something long ago.
    return math.inf if age is None else age
