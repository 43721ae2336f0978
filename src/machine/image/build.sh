#!/bin/sh
# Builds the images: build.sh [FOLDER] puts kernel.elf and vdso.so there (here). The results are committed; a test rebuilds them and compares.
set -eu
cd "$(dirname "$0")"
out=${1:-.}
object=$(mktemp)
trap 'rm -f "$object"' EXIT
assemble() {
	gcc -c -g -gdwarf-5 -Wa,-gdwarf-5 -ffile-prefix-map="$PWD"=/ringside/machine/image -Wa,--debug-prefix-map="$PWD"=/ringside/machine/image -o "$object" "$1"
}
assemble entry.S
ld -nostdlib -static --build-id=none -z noexecstack -z max-page-size=4096 -T kernel.lds -o "$out/kernel.elf" "$object"
assemble vdso.S
ld -nostdlib -shared -soname linux-vdso.so.1 --hash-style=both --build-id=none --eh-frame-hdr -Bsymbolic -z now -z noexecstack -z max-page-size=4096 -T vdso.lds -o "$out/vdso.so" "$object"
