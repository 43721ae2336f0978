#! needs: ls sort
## ls -l shows modes, owners, links, sizes
mkdir d; echo hi >f; chmod 640 f; ln f g; ln -s f s; mkfifo p; touch -d 2020-01-02T03:04:05 f d s -h; touch -d 2020-01-02 d p
ls -l --time-style=full-iso; ls -laF | wc -l; ls -R; ls -1 --color=always -d *
## ls of what is not there
ls nothing; echo $?
## cat, tac, nl, rev
printf 'a\nb\nc\n' >f; cat -n f; tac f; nl f; rev f; cat -A <(printf 'x\ty\n')
## head and tail
seq 100 >f; head -n 3 f; tail -n 3 f; head -c 10 f; tail -c 10 f; tail -n +98 f; head -n -97 f
## wc
seq 1000 | wc; seq 1000 >f; wc -lwcmL f; wc f f
## sort in its ways
printf '3 b\n1 a\n2 c\n10 d\n' >f; sort f; sort -n f; sort -r f; sort -k2 f; sort -t' ' -k2,2r f; sort -u f f; sort -c f; echo $?
## sort larger than its buffer uses temporary files
seq 20000 | sort -S 64K -r | sha256sum
## uniq
printf 'a\na\nb\nb\nb\nc\n' | uniq -c; printf 'a\na\nb\n' | uniq -d; printf 'a\na\nb\n' | uniq -u
## cut, paste, join, comm
printf 'a:b:c\nd:e:f\n' >f; cut -d: -f2 f; cut -c1-3 f; paste f f; paste -sd, f; printf '1 x\n2 y\n' >g; printf '1 p\n2 q\n' >h; join g h; comm <(printf 'a\nb\n') <(printf 'b\nc\n')
## tr
echo Hello | tr a-z A-Z; echo aabbcc | tr -s ab; echo hello | tr -d l; echo hello | tr -c 'a-z\n' x
## fold, fmt, expand, unexpand, pr
echo 'the quick brown fox jumps over the lazy dog' >f; fold -w 10 f; fold -sw 12 f; fmt -w 20 f; printf '\tx\n' | expand; printf '        x\n' | unexpand; pr -t -2 <(seq 6)
## split and csplit
seq 10 >f; split -l 3 f part; cat partaa; ls; csplit -s f 5; cat xx01; split -n 3 f n; wc -c n*
## od, base64, base32, basenc
printf 'abc\0\377' >f; od -c f; od -An -tx1 f; base64 f; base32 f; base64 f | base64 -d | od -c; basenc --base16 f
## checksums
seq 1000 >f; md5sum f; sha1sum f; sha224sum f; sha256sum f; sha384sum f; sha512sum f; b2sum f; cksum f; sum f; md5sum f >s; md5sum -c s
## cp keeps what it is asked to keep
echo x >f; chmod 600 f; touch -d 2001-02-03 f; cp f g; cp -p f h; stat -c '%a %Y %s' h; stat -c '%a %s' g; mkdir d; cp f d; cp -r d e; ls -R; cp -l f l; stat -c %h f; cp -s f s; readlink s; cp f f; echo $?
## cp -a of a tree with links and a fifo
mkdir -p t/u; echo 1 >t/a; ln -s a t/b; ln t/a t/c; mkfifo t/p; cp -a t v; (cd v; find . -printf '%p %y %n %l\n' | sort)
## mv
echo 1 >a; mv a b; cat b; mkdir d; mv b d; ls d; mv d e; ls e; echo 2 >c; echo 3 >x; mv -n c x; cat x; mv -v c y; mv nothing z; echo $?
## rm and rmdir
mkdir -p a/b/c; touch a/f; rmdir a; rm a; rm -r a; ls; mkdir -p p/q; rmdir -p p/q; ls; rm -f none; echo $?
## ln in its ways
echo 1 >a; ln a b; ln -s a c; ln -s a c; ln -sf b c; readlink c; ln -sr a d; readlink d; mkdir e; ln -s ../a e/l; cat e/l; readlink -f e/l; ls -i a b | cut -d' ' -f1 | uniq | wc -l
## mkdir, mkfifo, mknod
mkdir -m 700 a; mkdir -p b/c/d; stat -c '%a %F' a b; mkfifo -m 600 p; stat -c '%a %F' p; mkdir a; mknod n p; stat -c %F n
## chmod and umask
touch f; for m in 755 u+s g-w o=r a+x -x u=rwx,go= +t; do chmod $m f; stat -c %a:%A f; done; umask 077; touch g; mkdir h; stat -c %a g h
## touch and stat
touch -t 202001020304.05 f; stat -c '%y %Y %s %F %h %U %G' f; touch -r f g; stat -c %y g; touch -a -d @1000 g; stat -c %x:%y g; touch -c none; ls none
## truncate and fallocate
truncate -s 1000 f; stat -c %s f; truncate -s -100 f; stat -c %s f; truncate -s %512 f; stat -c %s f; fallocate -l 5000 g; stat -c %s g
## dd
dd if=/dev/zero of=f bs=1k count=4 2>/dev/null; stat -c %s f; seq 100 | dd bs=10 skip=1 count=2 2>/dev/null; printf abcdef >g; printf XY | dd of=g bs=1 seek=2 conv=notrunc 2>/dev/null; cat g; dd if=g conv=ucase 2>/dev/null; dd if=/dev/zero bs=1 count=3 2>&1 >/dev/null | head -2
## tee
echo a | tee f g; cat f g; echo b | tee -a f; cat f; echo x | tee /nothing/f; echo $?
## df and du
mkdir d; head -c 10000 /dev/zero >d/f; du -b d; du -sb .; du -a --apparent-size d; df . >/dev/null; echo $?
## date
date -u -d @0; date -u -d '2020-02-30' ; date -u -d '2020-01-01 +1 month' +%F; date -d @1234567890 +%s.%N; date -u -d 2021-03-04T05:06:07 '+%A %j %U %p'
## seq, yes, factor, expr, numfmt, shuf
seq 3; seq 1 2 7; seq -w 8 10; seq -s, 5; yes | head -3; factor 12345678901 360; expr 3 + 4 \* 2; expr length hello; expr foo : 'f\(.*\)'; numfmt --to=iec 123456789; shuf -i 1-5 | sort; shuf -i 1-100 -n 3 --random-source=<(yes) 
## test and [
test -f /etc/passwd && echo file; test -d /etc && echo dir; [ 1 -lt 2 ] && echo less; [ a = b ] || echo differ; touch a; sleep 0.01; touch b; [ b -nt a ] && echo newer; test -r /etc/passwd -a -w a && echo rw; test -L a || echo no link; test -p /dev/stdin; echo $?
## basename, dirname, realpath, pathchk, mktemp
basename /a/b.c .c; dirname /a/b/c; realpath -m /a/../b/./c; realpath nothing; realpath -e nothing; pathchk a; f=$(mktemp -p . x.XXXX); test -f $f && echo made; stat -c %a $f; mktemp -d -p . d.XXXX | wc -c
## env, printenv, nice, nohup, timeout
env -i A=1 env; A=2 printenv A; printenv NONE; echo $?; nice -n 5 nice; nohup echo hi </dev/null 2>/dev/null; timeout 0.2 sleep 5; echo $?; timeout 5 true; echo $?; timeout -s KILL 0.1 sleep 5; echo $?
## id, whoami, groups, logname, who, users
id; id -un; whoami; groups; id nobody; id none; echo $?
## uname, arch, nproc, hostname, tty
uname -s -m -o; arch; nproc --ignore=1000; tty; echo $?
## printf and echo
/usr/bin/printf '%5d|%-5s|%x|%o|%e|%c|%b|%q\n' 42 ab 255 8 1.5 xyz 'a\tb' "it's"; /bin/echo -e 'a\tb\c'; /bin/echo -n x; printf '\u20ac\n'
## sleep, true, false, kill
sleep 0.05; true; echo $?; false; echo $?; sleep 100 & kill $!; wait $!; echo $?; /bin/kill -l 15; /bin/kill -0 $$; echo $?
## ptx, tsort, dircolors
printf 'a b\nb c\nd a\n' | tsort; printf 'a b\nb a\n' | tsort; dircolors -b | wc -l; echo 'one two' | ptx | head
## install, shred, sync, unlink, link
echo x >f; install -m 711 f g; stat -c %a g; install -d d/e; ls -R d; shred -u f; ls; sync; link g h; unlink g; ls
## stdbuf, stty, tty without a terminal
stdbuf -oL echo x; stty; echo $?; tty </dev/null
## chroot and chown as what the user is
touch f; chown 0:0 f; echo $?; chgrp root f; stat -c %u:%g f; chroot / /bin/echo in the root; echo $?
## readlink of /proc
readlink /proc/self/exe; readlink -f /dev/fd/0; readlink /proc/self/fd/0; cat /proc/self/comm; tr '\0' ' ' </proc/self/cmdline; echo
## very long names and deep trees
n=$(printf 'x%.0s' $(seq 255)); touch $n; ls | wc -c; touch ${n}x; d=.; for i in $(seq 60); do mkdir dd; cd dd; done; pwd | wc -c >/dev/null; cd - >/dev/null; ln -s loop loop; cat loop
## join of large pipes
seq 100000 | tee >(wc -l >c) | tail -1; sleep 0.2; cat c; seq 200000 | sort -n | uniq | wc -l
