"""Fixtures only: an empty store for what is kept, and an empty place for what comes in."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def shelf(settings: Any, tmp_path: Path) -> Path:
    """An empty store, and an empty place for what comes in."""
    settings.PAPERS_INCOMING = str(tmp_path / "incoming")
    papers = {"location": str(tmp_path / "kept"), "base_url": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "papers": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": papers},
    }
    return tmp_path
