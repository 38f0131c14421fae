"""Where pictures and papers are kept, as Django's storage setting; or a sentence why that would not work.

Only config.settings calls this, so a store that is half set up ends every process at its start.
"""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

FILES, S3 = "files", "s3"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EXTRA = (
    "PAPERS_STORAGE is s3, and the packages for it are not installed: requirements-s3.txt is requirements.txt with "
    "them, and an image is built with REQUIREMENTS=requirements-s3.txt."
)
IN_THE_CLEAR = (
    "PAPERS_S3_ENDPOINT is {0!r}; it must be an address like https://s3.example.nhs.uk: pictures do not cross a "
    "network in the clear."
)


def on_files(root: str) -> dict[str, Any]:
    """A folder on this machine, outside every folder that is served."""
    here = {"location": f"{root}/kept", "base_url": None, "file_permissions_mode": 0o600}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": here}


def on_s3(
    *, bucket: str, endpoint: str, region: str, key_id: str, secret: str, folder: str
) -> dict[str, Any]:
    """A bucket; without a key, by the role of the machine."""
    if not bucket:
        raise ImproperlyConfigured("PAPERS_STORAGE is s3, and PAPERS_S3_BUCKET is not set. See .env.example.")
    if not endpoint and not region:
        raise ImproperlyConfigured("Say where the bucket is: set PAPERS_S3_REGION or PAPERS_S3_ENDPOINT.")
    if bool(key_id) != bool(secret):
        name = "PAPERS_S3_SECRET" if key_id else "PAPERS_S3_KEY_ID"
        raise ImproperlyConfigured(f"{name} is not set. Set both, or neither where the machine has a role.")
    where = urlsplit(endpoint)
    if endpoint and not (where.hostname and where.scheme in {"https", "http"}):
        raise ImproperlyConfigured(IN_THE_CLEAR.format(endpoint))
    if where.scheme == "http" and where.hostname not in LOOPBACK:
        raise ImproperlyConfigured(IN_THE_CLEAR.format(endpoint))
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(EXTRA)
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": key_id or None,
        "secret_key": secret or None,
        "location": folder,
    }
    return {"BACKEND": "referrals.papers.s3.PapersOnS3", "OPTIONS": options}


def check_kind(kind: str) -> str:
    """Which kind of store was named."""
    if kind not in {FILES, S3}:
        raise ImproperlyConfigured(f"PAPERS_STORAGE is {kind!r}; it must be {FILES} or {S3}.")
    return kind
