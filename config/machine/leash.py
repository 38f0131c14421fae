"""Becomes another program, on a leash: when the process that started it dies, so does the program.

Run as a script by `children.py`, before anything of ours is importable, so it stands on the standard library
alone. It must never return: it ends as the program, or with exit code 126 and a sentence.

    python -I -S leash.py PARENT SIGNAL IDENTITY PROGRAM [ARGUMENT ...]

IDENTITY is `self`; `mapped` (root, but under the name of nobody, in a user namespace of its own, since
PostgreSQL refuses to run as root); or `nobody` (really nobody).
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

_NOBODY = 65534
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Take on the identity, put on the leash, become the program."""
    parent, number, identity, *command = arguments
    if identity == "mapped":
        _look_like_nobody()
    elif identity == "nobody":
        _become_nobody()
    # Changing identity clears the leash, so it is put on last.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != int(parent):
        sys.exit(126)
    os.execv(command[0], command)  # noqa: S606 - a shell would stand between the leash and the program


def _look_like_nobody() -> None:
    os.unshare(os.CLONE_NEWUSER)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{_NOBODY} 0 1"), ("gid_map", f"{_NOBODY} 0 1")):
        Path("/proc/self", file).write_text(text)


def _become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


if __name__ == "__main__":
    # A program inherits ignored signals; ours must be able to hear every one of them.
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.SIG_DFL)
    try:
        main(sys.argv[1:])
    except OSError as refused:
        sys.stderr.write(f"{sys.argv[4]} cannot be started as {sys.argv[3]}: {refused}\n")
        sys.exit(126)
