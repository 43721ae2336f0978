#!/bin/sh
# Builds the examples: NAME (dynamic, glibc) and NAME.static for each C file here. build.sh [FOLDER] puts them elsewhere.
# The static ones are musl's, which are small, but for the first two, which show glibc's own start-up.
set -eu
out=${1:-.}
cd "$(dirname "$0")"
for source in *.c; do
	name=${source%.c}
	case $name in
	hello_write | socket_echo) static=gcc ;;
	# The kernel's own headers are not in musl's folder.
	*) static="musl-gcc -idirafter /usr/include -idirafter /usr/include/$(gcc -print-multiarch)" ;;
	esac
	for compiler in gcc "$static -static"; do
		file=$out/$name
		[ "$compiler" = gcc ] || file=$file.static
		$compiler -g -gdwarf-5 -O0 -Wall -Wno-unused-result -ffile-prefix-map="$PWD"=. -fdebug-prefix-map="$PWD"=. -o "$file" "$source"
	done
done
