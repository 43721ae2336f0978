#!/bin/sh
# Builds the programs of the time tests: static, small, and without a trace of where they were built. Usage: build.sh [FOLDER]
set -e
here=$(dirname "$0")
out=$(cd "${1:-$here}" && pwd)
cd "$here"
for source in *.c; do
  musl-gcc -O1 -static -s -fno-ident -Wall -Wno-unused-result -Wno-div-by-zero -o "$out/${source%.c}.elf" "$source"
done
