#!/bin/sh
# Builds paths.elf, which is committed: paths.c without a library. Usage: build.sh [FOLDER]. clocks.c is built by the tests themselves, with each library.
set -e
cd "$(dirname "$0")"
gcc -O1 -static -nostdlib -ffreestanding -fno-stack-protector -fno-ident -fcf-protection=none -Wl,--build-id=none -s -o "${1:-.}/paths.elf" paths.c
