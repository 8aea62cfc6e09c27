#!/bin/sh
# Print a Python that skysift runs on, 3.10 or newer: sh ci/find_python.sh [NEWEST_MINOR]
# $PYTHON if it is set; else plain python3 if it will do, else the newest version that is there of
# those skysift is tested on.
newest=${1:-13}

fits() {
    "$1" -c "import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $newest))" 2>/dev/null
}

for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
    if fits "$name"; then
        echo "$name"
        exit 0
    fi
done
echo "No Python from 3.10 to 3.$newest (asked: ${PYTHON:-python3 and its versions})." \
    "Install one, or name it: make PYTHON=/path/to/python" >&2
exit 1
