#!/bin/sh
# Pins every requirement with hashes and without addresses: requirements/*.in -> requirements/*.txt. Run by `make lock`.
set -eu
cd "$(dirname "$0")"
for name in agent controller dev; do
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-header --upgrade "$name.in" --output-file "$name.txt"
done
