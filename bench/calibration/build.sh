#!/bin/sh
# Builds calibration.elf, which is committed, from calibration.c: static glibc, so that malloc and the mutexes are those of the table. Usage: build.sh [FOLDER]
set -e
cd "$(dirname "$0")"
gcc -O2 -Wall -static -s -ffile-prefix-map="$PWD"=. -fno-ident -Wl,--build-id=none -o "${1:-.}/calibration.elf" calibration.c
