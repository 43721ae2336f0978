#!/bin/sh
# Builds calls.elf and border.elf: static and small.
set -e
cd "$(dirname "$0")"
for program in calls border; do musl-gcc -O1 -static -s -fno-ident -Wall -Wno-unused-result -o $program.elf $program.c; done
