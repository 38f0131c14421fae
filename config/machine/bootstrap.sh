#!/bin/sh
# Gets a bare machine ready: finds Python 3.13, makes .venv, installs what is locked. Called by the Makefile,
# and quick when there is nothing to do. Needs a POSIX shell only.
#
#     bootstrap.sh              get ready
#     bootstrap.sh PORT HOST    the same, but first of all complain if that port cannot be had
set -eu
cd "$(dirname "$0")/../.."

complain() {
    printf 'Dido: %s\n' "$1" >&2
    exit 1
}

is_right() {
    [ -n "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_right "$PYTHON" || complain "PYTHON names $PYTHON, which is not Python 3.13: put it right or leave it out."
        printf '%s\n' "$PYTHON"
        return
    fi
    for candidate in \
        "$(command -v python3.13 || true)" \
        "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/3.13*/bin/python3.13 \
        "$(command -v python3 || true)"
    do
        if is_right "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    complain "Python 3.13 is needed and was not found: install it (for example with \`pyenv install 3.13\`, or from python.org), or say where it is with \`make PYTHON=/path/to/python3.13\`."
}

wanted() {
    cat requirements-bootstrap.txt requirements-dev.txt
}

# A few lines of C send one frame to many sockets; without a compiler each gets it by itself, which is slower.
compile() {
    [ realtime/libfan.so -nt realtime/fan.c ] && return
    if command -v cc >/dev/null 2>&1 && cc -O2 -shared -fPIC -o "realtime/libfan.$$.so" realtime/fan.c; then
        mv -f "realtime/libfan.$$.so" realtime/libfan.so
    else
        echo "Dido: no C compiler took realtime/fan.c, so frames leave one by one"
    fi
}

python=.venv/bin/python
is_right "$python" || python=$(find_python)
[ $# -eq 0 ] || "$python" config/machine/ports.py "$1" "$2" || exit 1

compile

if [ "$python" = .venv/bin/python ] && wanted | cmp -s - .venv/.installed; then
    exit 0
fi

# A fuller .venv than this one needs is no harm; a broken one is made anew.
if [ "$python" != .venv/bin/python ]; then
    echo "Dido: making a virtual environment in .venv with $python"
    "$python" -m venv --clear .venv || complain "the virtual environment could not be made: is the venv part of Python 3.13 installed?"
fi
echo "Dido: installing the locked requirements (this takes a moment the first time)"
log=.venv/install.log
quietly() {
    "$@" >>"$log" 2>&1
}
: >"$log"
# uv is several times faster, but knows nothing of how pip is set up on this machine: pip is the second try.
if quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt &&
    quietly .venv/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements-dev.txt
then
    :
else
    echo "Dido: uv could not install them; trying pip, which takes longer"
    quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.txt ||
        complain "the requirements could not be installed: $(tail -n 1 "$log") (all of it is in $log)."
fi
wanted >.venv/.installed
