#!/bin/sh
# Builds the programs of the time tests: static, small, and without a trace of where they were built. Usage: build.sh [FOLDER]
set -e
here=$(dirname "$0")
out=$(cd "${1:-$here}" && pwd)
cd "$here"
for source in *.c; do
  case $source in walk.c|turns.c|hop.c) continue ;; esac
  musl-gcc -O1 -static -s -fno-ident -Wall -Wno-unused-result -Wno-div-by-zero -o "$out/${source%.c}.elf" "$source"
done
for level in 0 2; do
  for name in walk turns hop; do
    musl-gcc -g -O$level -static -no-pie -fno-ident -ffile-prefix-map="$(pwd)"=/walk -Wl,--build-id=none -o "$out/$name$level.elf" $name.c
  done
done
