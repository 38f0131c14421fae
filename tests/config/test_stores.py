"""A store of pictures that is half set up is refused at the start, with a sentence."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import stores

WHOLE = {
    "bucket": "papers",
    "endpoint": "https://s3.example.nhs.uk",
    "region": "",
    "key_id": "key",
    "secret": "secret",
    "folder": "",
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bucket": ""}, "PAPERS_S3_BUCKET is not set"),
        ({"endpoint": ""}, "Say where the bucket is"),
        ({"key_id": ""}, "PAPERS_S3_KEY_ID is not set"),
        ({"secret": ""}, "PAPERS_S3_SECRET is not set"),
        ({"endpoint": "s3.example.nhs.uk"}, "must be an address"),
        ({"endpoint": "http://s3.example.nhs.uk"}, "in the clear"),
        ({"endpoint": "ftp://127.0.0.1"}, "must be an address"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        stores.on_s3(**WHOLE | change)


@pytest.mark.parametrize(
    "change", [{}, {"key_id": "", "secret": ""}, {"endpoint": "", "region": "eu-west-2"}]
)
def test_a_bucket_with_a_key_or_by_the_machines_role_is_taken(change: dict[str, str]) -> None:
    options: dict[str, Any] = stores.on_s3(**WHOLE | change)["OPTIONS"]
    assert options["bucket_name"] == "papers"


def test_without_the_packages_it_says_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements-s3\.txt"):
        stores.on_s3(**WHOLE)


def test_a_kind_of_store_that_there_is_not_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="files or s3"):
        stores.check_kind("S3Boto")
