#!/bin/sh
# Make a virtual environment with skysift in it: sh ci/environment.sh PYTHON FOLDER CONSTRAINTS EXTRAS
# Run again after a change it brings the same folder up to date.
set -eu
python=$1 folder=$2 constraints=$3 extras=$4

say() { echo "== $*"; }

# Debian keeps what `python3 -m venv` needs in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing $package"
        apt-get update -qq && apt-get install -y -qq "$package" >/dev/null
    else
        echo "$python cannot make environments; run: sudo apt-get install $package" >&2
        exit 1
    fi
fi

if ! "$folder/bin/python" -c 'import pip' 2>/dev/null; then
    say "making $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
fi
say "installing skysift[$extras] into $folder (minutes at first)"
"$folder/bin/python" -m pip install -qq \
    --constraint "$constraints" --editable ".[$extras]"
"$folder/bin/python" -m ci.java
