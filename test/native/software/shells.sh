#! needs: bash dash
## pipelines and PIPESTATUS
false | true | (exit 3); echo "${PIPESTATUS[@]}"; set -o pipefail; false | true; echo $?; seq 100000 | head -1; echo "${PIPESTATUS[@]}"; ! true; echo $?
## here-documents and here-strings
x=5; cat <<A; cat <<'B'; cat <<-C; cat <<<"str $x"
x is $x $((x+1)) $(echo sub)
A
x is $x
B
	tabs go
	C
## redirections
echo out >f; echo err >&2 2>>f; { echo a; echo b >&2; } >o 2>&1; cat o f; exec 5>g; echo five >&5; exec 5>&-; cat g; echo x >&5; exec 6<f; read l <&6; echo $l; exec 6<&-; set -C; echo no >f; echo $?; echo yes >|f; cat f; cat <>new; ls new; echo z &>both; cat both; cat nothing; echo $?
## traps
trap 'echo exit $?' EXIT; trap 'echo usr1' USR1; trap 'echo int' INT; kill -USR1 $$; kill -INT $$; trap '' TERM; kill $$; echo still; trap - USR1; trap; (trap 'echo sub exit' EXIT; exit 4); echo $?; trap 'echo err $LINENO' ERR; false; exit 7
## a signal kills, the status says which
(kill -TERM $BASHPID); echo $?; (kill -KILL $BASHPID); echo $?; sh -c 'kill -SEGV $$'; echo $?; (ulimit -c 0; kill -ABRT $BASHPID); echo $?
## background jobs, wait and $!
sleep 0.1 & p=$!; wait $p; echo $?; (exit 5) & wait $!; echo $?; sleep 0.05 & sleep 0.06 & wait; echo all; (exit 9) & wait -n; echo $?; for i in 1 2 3; do (sleep 0.0$i; echo $i) & done; wait; wait 99999; echo $?
## job control: stop, fg, bg, jobs
set -m; sleep 0.3 & jobs | sed 's/ *$//'; kill -STOP %1; sleep 0.05; jobs; bg %1; fg %1; echo $?; sh -c 'kill -STOP $$; echo continued' ; echo $?; jobs; fg; echo $?
## command substitution, nested, with trailing newlines and nulls
x=$(printf 'a\n\n\n'); echo "[$x]"; echo $(echo $(echo $(echo deep))); y=`echo back \`echo tick\``; echo $y; z=$(exit 3); echo $?; echo "$(<../0.sh)" | wc -l >/dev/null; echo ${x}$(true)
## process substitution and named pipes
diff <(seq 3) <(seq 2 4); mkfifo p; (echo through >p) & cat p; wait; exec 3<>p; echo both >&3; read l <&3; echo $l; tee >(tr a-z A-Z >up) <<<hi; sleep 0.1; cat up; paste <(seq 2) <(seq 3 4)
## arrays, associative arrays, expansions
a=(1 2 3); a+=(4); echo ${a[@]:1:2} ${#a[@]} ${!a[@]}; declare -A m=([k]=v [j]=w); echo ${m[k]} ${#m[@]}; s=hello.tar.gz; echo ${s%.*} ${s%%.*} ${s#*.} ${s/l/L} ${s^^} ${s:1:3} ${u:-default} ${u:=set} $u; echo {1..5} {a..c}{x,y}; printf '%q ' "a b" $'\t'; echo; IFS=:; set -- a:b:c; echo $1; for w in $1; do echo $w; done
## globbing
touch a1 a2 b1 .h 'sp ace'; echo *; echo a?; echo [ab]1; shopt -s nullglob extglob dotglob globstar; echo none*; echo !(a*); mkdir -p d/e; touch d/e/f; echo **/f; set -f; echo *
## functions, local, recursion, return
f() { local x=$1; [ $x -le 1 ] && echo 1 && return; echo $((x * $(f $((x-1))))); }; f 6; g() { return 42; }; g; echo $?; h() { echo $FUNCNAME $# "$@"; }; h 1 '2 3'; unset -f h; h; echo $?
## read, select, getopts, case, while
printf 'a b c\nd e\n' | while read -r x y; do echo "$x|$y"; done; while getopts ab:c o -a -b val -c; do echo $o $OPTARG; done; case abc in a*) echo starts;;& *c) echo ends;; esac; read -t 0.1 x < <(sleep 1); echo $?; read -n 2 x <<<abcd; echo $x; mapfile -t l < <(seq 3); echo ${l[2]}; printf 'no newline' | while read x; do echo never; done
## arithmetic, let, printf, test
echo $((1<<10)) $((0x1f)) $((2#101)) $((-7/2)) $((5>3?1:2)); let 'x=5*5' x++; echo $x; ((x>20)) && echo big; printf '%03d %s %x\n' 7 s 255; [[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}; echo $((1/0)); echo after
## exec replaces, eval, source, subshells keep to themselves
x=1; (x=2; cd /; echo $x $PWD); echo $x; echo 'y=sourced' >s; . ./s; echo $y; eval 'echo $y'; (exec echo replaced; echo never); exec 3>&1; (exec >&3; echo to three); sh -c 'echo $0 $1' zero one; . ./none; echo $?; exec nothing; echo not reached
## ulimit and errors
ulimit -n 64; ulimit -n; ulimit -f 1; (dd if=/dev/zero of=f bs=1024 count=10 2>/dev/null; echo $?); ls -l f | cut -d' ' -f5; ./nothing; echo $?; touch n; ./n; echo $?; chmod +x n; ./n; echo $?; mkdir d; ./d; echo $?; printf '#!/nothing/sh\n' >i; chmod +x i; ./i; echo $?; printf '#!/bin/sh -e\necho script $0 $1\nfalse\necho no\n' >t; chmod +x t; ./t arg; echo $?
## times, SECONDS, RANDOM, variables of the shell
RANDOM=5; [ $RANDOM != $RANDOM ] && echo random; echo ${#EPOCHREALTIME} $BASH_SUBSHELL $SHLVL $UID; SECONDS=0; sleep 1; echo $SECONDS; [ $PPID -gt 0 ] && echo parent; TIMEFORMAT=%0R; time sleep 0.1
## coproc and bidirectional pipes
coproc tr a-z A-Z; echo hello >&${COPROC[1]}; exec {COPROC[1]}>&-; cat <&${COPROC[0]}; wait; echo $?
## dash: the same in a small shell
cat >s <<'E'
trap 'echo bye' EXIT; x=$(echo a | tr a b); echo $x; for i in 1 2; do echo $i; done | cat; sleep 0.05 & wait; echo $?; set -- a b; shift; echo $1 $#; f() { echo f$1; }; f 1; case x in [a-z]) echo letter;; esac; cat <<H
here $x
H
(exit 3) || echo $?; while :; do break; done; read y <<H2
line
H2
echo $y; ulimit -n 30; umask; kill -TERM $$; echo not reached
E
dash s; echo $?
## a command not found, permission denied, a directory
nosuchcommand; echo $?; /etc/passwd; echo $?; /etc; echo $?; cd /nothing; echo $?; echo x >/etc; echo $?; PATH=/nothing; ls; echo $?
## large environment and arguments
export BIG=$(printf 'x%.0s' $(seq 5000)); env | grep -c BIG; echo $(seq 20000) | wc -c; /bin/echo $(seq 20000) | wc -c; /bin/true $(seq 600000); echo $?
## subshell storms
for i in $(seq 50); do (exit $((i%3))); s=$((s+$?)); done; echo $s; f() { [ $1 -gt 0 ] && (f $(($1-1))) || echo bottom; }; f 20; seq 30 | while read i; do /bin/true; done; echo $?
