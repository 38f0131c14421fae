"""A store that speaks S3, as pictures and papers want it: private, without an address to hand out, in a steady memory.

Loaded by Django's storage setting where PAPERS_STORAGE is s3 (config.stores), and only then: it needs the packages of
the extra `s3`. Bytes go in and out through the web process; nothing here makes a URL.
"""

from typing import Any, NoReturn

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

AT_ONCE = 8 * 1024 * 1024  # bytes of a part that is sent, and of what is held in memory while it is read


class PapersOnS3(S3Storage):  # type: ignore[misc]
    """One bucket, or a folder in one."""

    def get_default_settings(self) -> dict[str, Any]:
        """What does not depend on where the bucket is."""
        return dict(super().get_default_settings()) | {
            "default_acl": None,  # the bucket's own, which is private
            "file_overwrite": True,
            "object_parameters": {"CacheControl": "no-store, private"},
            "max_memory_size": AT_ONCE,
            "transfer_config": TransferConfig(
                use_threads=False, multipart_threshold=AT_ONCE, multipart_chunksize=AT_ONCE
            ),
            "client_config": Config(
                s3={"addressing_style": "path" if self._endpoint() else "auto"},
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 2, "mode": "standard"},
                # Stores that are not Amazon's do not all know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    def __init__(self, **options: Any) -> None:
        self._options = options
        super().__init__(**options)

    def _endpoint(self) -> str:
        return str(self._options.get("endpoint_url") or "")

    def url(self, *_said: Any, **_more: Any) -> NoReturn:
        """There is none: who may see it is asked each time."""
        raise NotImplementedError("Pictures and papers are served by Dido alone.")
