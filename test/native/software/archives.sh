#! needs: tar gzip xz bzip2
## tar makes, lists and extracts a tree
mkdir -p t/u; echo 1 >t/a; seq 1000 >t/u/b; ln -s a t/l; ln t/a t/h; chmod 640 t/a; touch -d 2020-01-01 t/a t/u/b t/u t; tar --sort=name -cf x.tar t; tar tvf x.tar --utc | grep -v ^l | sed 's/ [^ ]*\/[^ ]* / /'; mkdir o; tar xf x.tar -C o; (cd o; find . -printf '%p %y %m %l\n' | sort); diff -r t o/t && echo same
## tar with gzip, xz and bzip2 inside
seq 5000 >f; for c in z J j; do tar c${c}f x.$c f; tar x${c}f x.$c -O | cmp - f && echo $c; done; tar tf x.z; tar xf nothing; echo $?
## tar appends, deletes, excludes, transforms
echo 1 >a; echo 2 >b; tar cf x.tar a; tar rf x.tar b; tar tf x.tar; tar --delete -f x.tar a; tar tf x.tar; tar cf y.tar --exclude=b a b; tar tf y.tar; tar cf - a b | tar xf - --transform 's/^/pre-/'; ls
## gzip
seq 10000 >f; gzip -k f; gzip -l f.gz; gzip -t f.gz; zcat f.gz | sha1sum; gunzip -c f.gz | cmp - f; gzip -9n <f | sha1sum; rm f; gunzip f.gz; ls; echo junk >j.gz; gzip -t j.gz; echo $?; zgrep -c 99 <(gzip <f)
## xz
seq 10000 >f; xz -k f; xz -t f.xz; xzcat f.xz | cmp - f; xz -l f.xz | wc -l; xz -T2 -c f | sha1sum; echo junk >j.xz; xz -t j.xz; echo $?
## bzip2
seq 10000 >f; bzip2 -k f; bzcat f.bz2 | cmp - f; bzip2 <f | sha1sum
## cpio-like pipes through split and cat
seq 30000 | gzip -n | split -b 10k - p.; cat p.* | gunzip | tail -1; ls | wc -l
