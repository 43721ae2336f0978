#!/bin/sh
# Builds the kernel image: build.sh [OUTPUT]. The result is committed; a test rebuilds it and compares.
set -eu
cd "$(dirname "$0")"
out=${1:-kernel.elf}
object=$(mktemp)
trap 'rm -f "$object"' EXIT
gcc -c -g -gdwarf-5 -Wa,-gdwarf-5 -ffile-prefix-map="$PWD"=/ringside/machine/image -Wa,--debug-prefix-map="$PWD"=/ringside/machine/image -o "$object" entry.S
ld -nostdlib -static --build-id=none -z noexecstack -z max-page-size=4096 -T kernel.lds -o "$out" "$object"
