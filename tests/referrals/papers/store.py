"""A server that speaks S3, on loopback: a bucket of its own for each that asks for one."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from config import stores

KEY = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-west-2"}


class Bucket:
    """One private bucket, seen with its owner's eyes."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.name = endpoint, f"papers-{uuid.uuid4().hex}"
        self._client = boto3.client("s3", endpoint_url=endpoint, **KEY)
        self._client.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
        )

    def setting(self, *, endpoint: str = "") -> dict[str, Any]:
        """Django's storage setting for it."""
        return stores.on_s3(
            bucket=self.name,
            endpoint=endpoint or self.endpoint,
            region="eu-west-2",
            key_id="key",
            secret="secret",
            folder="dido",
        )

    def names(self) -> list[str]:
        listed = self._client.list_objects_v2(Bucket=self.name)
        return [one["Key"] for one in listed.get("Contents", [])]

    def bytes_of(self, name: str) -> bytes:
        return bytes(self._client.get_object(Bucket=self.name, Key=name)["Body"].read())

    def head(self, name: str) -> dict[str, Any]:
        return dict(self._client.head_object(Bucket=self.name, Key=name))

    def grants(self, name: str) -> set[str]:
        """To whom else than its owner an object is given."""
        said = self._client.get_object_acl(Bucket=self.name, Key=name)["Grants"]
        return {one["Grantee"].get("URI", "") for one in said} - {""}

    def loses(self, name: str) -> None:
        self._client.delete_object(Bucket=self.name, Key=name)


@contextmanager
def server() -> Iterator[str]:
    """The address of one that runs in this process."""
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    try:
        _, port = running.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
    finally:
        running.stop()
