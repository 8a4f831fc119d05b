#!/bin/sh
# Pins every requirement with hashes and without addresses: requirements/*.in -> requirements/*.txt. Run by `make lock`.
set -eu
cd "$(dirname "$0")"

pin() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-header --upgrade "$1.in" --output-file "$1.txt" $2
}
pin agent ""
pin controller ""
pin dev ""
pin mibs --no-deps
