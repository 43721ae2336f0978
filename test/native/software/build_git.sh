#! needs: gcc make git
## make builds a small C project and it runs
cat >Makefile <<'E'
CFLAGS = -O1 -Wall
OBJS = main.o util.o
prog: $(OBJS)
	$(CC) $(CFLAGS) -o $@ $(OBJS) -lm
%.o: %.c util.h
	$(CC) $(CFLAGS) -c $<
clean:
	rm -f prog *.o
.PHONY: clean
E
printf '#include <math.h>\ndouble half(double);\n' >util.h; printf '#include "util.h"\ndouble half(double x) { return sqrt(x * x) / 2; }\n' >util.c
printf '#include <stdio.h>\n#include "util.h"\nint main(int c, char **v) { printf("%%d %%.2f %%s\\n", c, half(5), v[1]); return 3; }\n' >main.c
make; ./prog arg; echo $?; make; touch -d '+1 minute' util.c; make 2>&1 | grep -v 'future\|skew'; make clean; ls; make nothing; echo $?
## make -j and functions
printf 'A = $(shell echo sh) $(patsubst %%.c,%%.o,a.c b.c)\nall: x y z\nx y z:\n\t@sleep 0.0$(words 1 2); touch $@\nshow:\n\t@echo $(A) $(words $(A))\nbad:\n\tfalse\n' >Makefile; make -j3; ls; make show; make bad; echo $?; make -n x; make -k bad show
## ar, ld, nm, objdump, strip, a shared library
echo 'int f(void) { return 7; }' >f.c; echo 'int f(void); int main(void) { return f(); }' >m.c; gcc -c f.c; ar rcs libf.a f.o; ar t libf.a; nm f.o; gcc m.c libf.a -o s; ./s; echo $?; gcc -shared -fPIC f.c -o libf.so; gcc m.c -L. -lf -Wl,-rpath,. -o d; ./d; echo $?; size s | wc -l; strip s; ./s; echo $?; readelf -h d | grep Type; LD_LIBRARY_PATH=/nothing ldd ./d | grep -c libc; objdump -d f.o | grep -c ret
## errors of the compiler
echo 'int main(void) { return x; }' >e.c; gcc e.c; echo $?; gcc nothing.c; echo $?; echo '#error stop' | gcc -E -x c -; echo $?
## git init, add, commit, log
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
git init -q -b main .; echo 1 >f; mkdir d; echo 2 >d/g; git add .; git status --short; git commit -qm one; git log; git rev-parse HEAD; echo 3 >>f; git diff; git commit -qam two; git log --oneline --stat; git show HEAD:f; git ls-files -s; git cat-file -p HEAD
## git branch, merge, rebase, stash, tag, clone, gc
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
git init -q -b main r; cd r; for i in 1 2 3 4 5; do echo $i >f$i; git add .; git commit -qm c$i; done; git checkout -q -b side HEAD~2; echo s >s; git add s; git commit -qm side; git checkout -q main; git merge -q --no-edit side; git log --graph --oneline; git tag v1; echo w >f1; git stash -q; cat f1; git stash pop -q; cat f1; git checkout -q f1; git branch -a; git gc -q; git fsck; git count-objects | wc -l; cd ..; git clone -q r c; cd c; git log --oneline | wc -l; git checkout -q v1~1 2>&1; git blame -s f2; git archive HEAD | tar t; git grep -n 3; git bisect start -q HEAD HEAD~2 2>&1 | tail -1
