"""Which ports are free on this machine.

Asked before anything slow begins (also by the bare Python of `bootstrap.sh`, so standard library only), and
by the servers for a port of their own.
"""

import contextlib
import random
import socket
import sys

# Below the range from which systems hand out ports to outgoing connections: a server of ours that is
# restarted must find its port free again.
_OURS = range(20000, 32000)


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on this port of `host` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    # A listener on all addresses does not stop a bind to one of them everywhere.
    with socket.socket() as caller:
        caller.settimeout(0.5)
        with contextlib.suppress(OSError):
            caller.connect(("127.0.0.1" if host == "0.0.0.0" else host, port))  # noqa: S104 - compared, not bound
            return False
    return True


def free_port() -> int:
    """A port that was free on the loopback a moment ago, outside the range of outgoing connections."""
    for port in random.sample(_OURS, len(_OURS)):
        if is_free(port):
            return port
    raise OSError("no free port between 20000 and 32000")


def complaint(port: str, *, host: str = "127.0.0.1") -> str | None:
    """The sentence for a port that cannot be used, or None."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT must be a number between 1 and 65535, not {port!r}."
    if is_free(int(port), host=host):
        return None
    return (
        f"port {port} is taken: stop whatever is listening on {host}:{port}, "
        f"or choose another with `make run PORT={int(port) % 65535 + 1}`."
    )


if __name__ == "__main__":
    if sentence := complaint(sys.argv[1], host=sys.argv[2]):
        sys.stderr.write(f"Dido: {sentence}\n")
        sys.exit(1)
