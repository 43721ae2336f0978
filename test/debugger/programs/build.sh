#!/bin/sh
# Rebuilds steps.elf and its recorded execution. Needs gcc and gdb.
set -e
cd "$(dirname "$0")"
gcc -g -O0 -static -nostdlib -fno-stack-protector -fcf-protection=none -no-pie -Wl,--build-id=none -ffile-prefix-map="$PWD"=. -o steps.elf steps.c
env -i PATH="$PATH" SHELL=/bin/sh gdb -q -batch -x record.py ./steps.elf
