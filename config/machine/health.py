"""Asks the web process of this container how it is: exit code 0 when it can read the database.

Run by the image's HEALTHCHECK, with the standard library only. It asks under the public name, because the
product answers to no other.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """0 when GET /healthz is answered with 200."""
    public = urlsplit(os.environ.get("PUBLIC_URL", ""))
    headers = {"Host": public.netloc or "localhost", "X-Forwarded-Proto": public.scheme or "http"}
    link = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        link.request("GET", "/healthz", headers=headers)
        return 0 if link.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        link.close()


if __name__ == "__main__":
    sys.exit(main())
