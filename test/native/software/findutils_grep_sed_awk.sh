#! needs: find grep sed mawk gawk
## find by name, type, size, time, permissions
mkdir -p a/b/c; touch a/f.txt a/b/g.c; head -c 5000 /dev/zero >a/big; ln -s f.txt a/l; chmod 600 a/f.txt; touch -d 2001-01-01 a/b/g.c
find a | sort; find a -name '*.c'; find a -type d | sort; find a -size +1k; find a -perm 600; find a -not -newermt 2002-01-01; find a -type l -printf '%p -> %l\n'; find a -maxdepth 1 | wc -l; find a -empty | sort
## find -exec, -execdir, -delete, -print0
mkdir d; touch d/1 d/2 d/3; find d -type f -exec echo {} \; | sort; find d -type f -exec echo {} + | wc -w; find d -type f -print0 | sort -z | xargs -0 -n1 basename; find d -execdir pwd \; | sort -u | wc -l; find d -name 1 -delete; ls d; find nothing; echo $?
## xargs
seq 10 | xargs -n 3; seq 5 | xargs -I{} echo x{}; seq 4 | xargs -P 2 -n 1 echo | sort; echo a b | xargs -t echo; seq 3 | xargs sh -c 'exit 3'; echo $?; : | xargs -r echo never
## locate nothing, find on /proc/self
find /proc/self/fd -maxdepth 0 -type l -o -type d; find /dev -maxdepth 1 -name null -type c
## grep in its ways
printf 'one\nTwo\nthree\n' >f; grep o f; grep -i t f; grep -v o f; grep -c e f; grep -n e f; grep -o 't.' f; grep -E '^(one|two)$' f; grep -q zz f; echo $?; grep -A1 -B1 Two f; grep -r e . ; grep -l one f; grep -w thre f; grep -P 't(?=h)' f; grep x nothing; echo $?
## grep in many files and binary data
for i in 1 2 3; do seq $i $((i*100)) >f$i; done; grep -c 9 f*; grep -h '^1.$' f1 f2 | wc -l; printf 'a\0b\n' >bin; grep a bin; grep -a a bin | od -c; grep -rl 99 . | sort; grep --include='f1' -r 50 . 
## sed
printf 'a b\nc d\ne f\n' >f; sed 's/ /_/' f; sed -n 2p f; sed '2d' f; sed '/c/a after' f; sed '1i before' f; sed -e 's/a/x/' -e 's/b/y/' f; sed -E 's/(.) (.)/\2 \1/' f; sed -i.bak 's/a/A/' f; cat f f.bak; sed '$!N;s/\n/+/' f; sed y/abc/xyz/ f; sed -n '/c/,$p' f; sed w\ out f >/dev/null; cat out; sed --follow-symlinks = f
## sed scripts with branches and hold space
seq 5 | sed -n '1!G;h;$p'; seq 6 | sed ':a;N;$!ba;s/\n/,/g'; printf 'x\n' | sed 's/x/&&/;ta;s/$/no/;:a'; sed 's/[/x/' /dev/null; echo $?
## mawk
printf '1 a\n2 b\n3 c\n' >f; mawk '{s+=$1} END {print s, NR}' f; mawk -F' ' '$1>1 {print $2}' f; mawk 'BEGIN {printf "%05.2f %s\n", 3.14159, "x"; while (("echo hi" | getline l) > 0) print l; print "sorted" | "sort"; close("sort"); system("exit 3"); print toupper("abc"), substr("hello",2,3), length("xyz"), index("abc","c"), split("a:b:c",p,":"), p[2]}'; mawk '{print > ("out" $1)}' f; cat out1 out3
## gawk
printf 'b 2\na 1\n' >f; gawk '{a[$1]=$2} END {n=asorti(a,k); for(i=1;i<=n;i++) print k[i], a[k[i]]}' f; gawk 'BEGIN {print strftime("%F", 0, 1), gensub(/b/, "x", "g", "abbc"), systime() > 0}'; gawk 'BEGIN {cmd="cat"; print "to cat" |& cmd; close(cmd,"to"); cmd |& getline x; print x}'; gawk 'BEGIN { getline l < "f"; print l; print ENVIRON["TZ"]; exit 4 }'; echo $?
## diff, cmp, patch, ed-like edits
printf 'a\nb\nc\n' >x; printf 'a\nB\nc\nd\n' >y; diff x y; echo $?; diff -u x y | tail -n +3; cmp x y; cmp x x; diff -q x y; diff -u x y >p; patch x p; cmp x y && echo same; mkdir d e; cp x d; cp y e; echo z >>e/y; diff -r d e
## bc-free arithmetic in the shells
echo $((2**40 % 1000007)); dash -c 'echo $((7/2)) $((7%3))'
