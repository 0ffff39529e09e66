#!/usr/bin/env bash
# Makes the virtual environment FOLDER with a Python of at least 3.11; leaves a working one as it is.
#   scripts/venv.sh FOLDER        PYTHON=python3.13 scripts/venv.sh FOLDER
set -euo pipefail

folder=$1
recent='import sys; sys.exit(sys.version_info < (3, 11))'

fail() {
    echo "setup: $1" >&2
    exit 1
}

if "$folder/bin/python" -c "$recent; import pip" 2>/dev/null; then
    exit 0
fi

python=
for name in ${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do
    if "$name" -c "$recent" 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    fail "no Python 3.11 or newer among ${PYTHON:-python3.11, python3.12, python3.13, python3}; install one (Debian: apt-get install python3 python3-venv) or say PYTHON=/path/to/python"
fi

rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
if "$python" -c 'import venv, ensurepip' 2>/dev/null && "$python" -m venv "$folder"; then
    exit 0
fi
rm -rf "$folder"
if "$python" -c 'import virtualenv' 2>/dev/null && "$python" -m virtualenv --quiet "$folder"; then
    exit 0
fi
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
fail "$python has neither venv nor virtualenv; run: apt-get install python$version-venv"
