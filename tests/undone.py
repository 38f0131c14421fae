"""What is tried and then undone, so that the next try meets the same rows; for tests inside one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def afterwards() -> Iterator[None]:
    """Whatever is written in here is taken back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
