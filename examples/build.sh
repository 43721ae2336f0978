#!/bin/sh
# Builds the examples: NAME (dynamic) and NAME.static for each C file here. build.sh [FOLDER] puts them elsewhere.
set -eu
out=${1:-.}
cd "$(dirname "$0")"
for source in *.c; do
	name=${source%.c}
	gcc -g -gdwarf-5 -O0 -Wall -Wno-unused-result -ffile-prefix-map="$PWD"=. -fdebug-prefix-map="$PWD"=. -o "$out/$name" "$source"
	gcc -g -gdwarf-5 -O0 -Wall -Wno-unused-result -ffile-prefix-map="$PWD"=. -fdebug-prefix-map="$PWD"=. -static -o "$out/$name.static" "$source"
done
