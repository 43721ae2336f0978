#!/bin/sh
# Builds the small committed ELF files of this folder, so that tests mean something where there is no compiler.
set -e
cd "$(dirname "$0")"
map="-ffile-prefix-map=$PWD=."
gcc -g -gdwarf-5 -O0 -w $map -o sample.elf sample.c other.c
clang -g -gdwarf-4 -O2 -w $map -o sample-clang-O2-dwarf4.elf sample.c other.c
gcc -g -gdwarf-5 -O2 -w -fdebug-types-section -gz=zlib $map -o sample-gcc-O2-types.elf sample.c other.c
