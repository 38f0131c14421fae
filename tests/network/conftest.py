"""The fixtures of the network's tests."""

from pathlib import Path

import pytest

from tests.network.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
