#!/bin/sh
# Builds calls.elf: static and small.
set -e
cd "$(dirname "$0")"
musl-gcc -O1 -static -s -fno-ident -Wall -Wno-unused-result -o calls.elf calls.c
