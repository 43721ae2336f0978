#! needs: perl lua5.4 sqlite3 /usr/bin/python3
## perl: files, processes, regular expressions, sorting
cat >p.pl <<'E'
use strict; use warnings; open(my $f, '>', 'o') or die; print $f "line $_\n" for 1..3; close $f; open($f, '<', 'o'); my @l = <$f>; print scalar(@l), $l[1]; my %h = (a=>1, b=>2); print join(',', map {"$_=$h{$_}"} sort keys %h), "\n";
my $pid = fork(); if (!$pid) { exit 3 } waitpid($pid, 0); print $? >> 8, "\n"; print `echo back`; $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select(undef, undef, undef, 2); pipe(my $r, my $w); if (!fork) { close $r; print $w "pipe\n"; exit } close $w; print <$r>; wait; printf "%s\n", join ' ', (stat 'o')[7]; opendir(my $d, '.'); print join(' ', sort grep {!/^\./} readdir $d), "\n"; local $_ = 'hello world'; print "$1\n" if /(w\w+)/; s/o/0/g; print "$_\n"; eval { die "caught\n" }; print $@; print sprintf('%.3f', atan2(1,1)*4), "\n"; system('exit 2'); print $? >> 8, "\n"; exit 5;
E
perl p.pl; echo $?
## perl: sockets, flock, sysopen, local time
perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(Listen=>1,LocalAddr=>"127.0.0.1") or die; if(!fork){$c=IO::Socket::INET->new(PeerAddr=>"127.0.0.1:".$s->sockport) or die; print $c "hi\n"; exit} $c=$s->accept; print <$c>; wait; print $?,"\n"'; perl -MFcntl=:flock -e 'open F,">f"; print flock(F,LOCK_EX|LOCK_NB),"\n"; print scalar(gmtime(0)),"\n"; print -s "f", "\n"; rename "f","g"; print join(",",<*>),"\n"; print 2**0.5,"\n"'; perl -e 'kill 9, $$'; echo $?
## lua
cat >l.lua <<'E'
local t = {}; for i = 1, 5 do t[#t+1] = i * i end; print(table.concat(t, ' ')); print(string.format('%5.2f %q', math.pi, 'x')); local f = io.open('o', 'w'); f:write('text\n'); f:close(); for l in io.lines('o') do print(l) end; print(io.popen('echo popen'):read('a')); print(pcall(error, 'oops')); print(os.getenv('TZ'), os.date('!%Y', 0), os.execute('exit 3')); local c = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end); print(c(), c(), c()); print(('x'):rep(3), #'abc', 7 // 2, 2^10, 1 << 4); os.remove('o'); print(io.open('o')); os.exit(4)
E
lua5.4 l.lua; echo $?
## sqlite3 in memory and in a file
sqlite3 :memory: 'create table t(a integer primary key, b text); insert into t(b) values ("x"),("y"); select * from t; select count(*), sum(a), group_concat(b) from t;'; sqlite3 db 'pragma journal_mode=wal; create table n(v); with recursive c(x) as (select 1 union all select x+1 from c where x<1000) insert into n select x from c; select sum(v) from n;'; ls; sqlite3 db 'begin; delete from n where v>10; rollback; select count(*) from n; create index i on n(v); explain query plan select * from n where v=5; pragma integrity_check; vacuum;'; sqlite3 db .schema; sqlite3 db 'select * from none'; echo $?; printf '1,a\n2,b\n' >c.csv; sqlite3 db -cmd '.mode csv' '.import c.csv z' 'select * from z;'
## sqlite3 with two writers locks
sqlite3 d 'create table t(a)'; (echo 'begin immediate; insert into t values(1);'; sleep 0.5; echo 'commit;') | sqlite3 d & sleep 0.2; sqlite3 d 'insert into t values(2)'; echo $?; sqlite3 -cmd '.timeout 5000' d 'insert into t values(3)'; wait; sqlite3 d 'select * from t order by a'
## python3: the usual
cat >p.py <<'E'
import os, sys, json, subprocess, re, collections, tempfile, threading, time, hashlib, struct, zlib, random, datetime, socket, select, signal, mmap
print(json.dumps({'a': [1, 2.5, None], 'b': 'é'})); print(subprocess.run(['sh', '-c', 'echo out; exit 3'], capture_output=True)); print(subprocess.check_output('cat', input=b'in', shell=True))
with tempfile.TemporaryDirectory() as d:
    p = os.path.join(d, 'f'); open(p, 'w').write('x' * 10000); print(os.stat(p).st_size, os.listdir(d))
    with open(p, 'r+b') as f, mmap.mmap(f.fileno(), 0) as m: m[0:3] = b'abc'; print(m[:5])
    print(open(p).read(5))
l = []; ts = [threading.Thread(target=lambda i=i: (time.sleep(0.01 * i), l.append(i))) for i in range(4)]; [t.start() for t in ts]; [t.join() for t in ts]; print(l)
a, b = socket.socketpair(); a.send(b'ping'); print(b.recv(10), select.select([a], [b], [], 0)[1] == [b])
signal.signal(signal.SIGALRM, lambda *x: print('alarm')); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.1)
r, w = os.pipe(); pid = os.fork()
if pid == 0: os.write(w, b'child'); os._exit(7)
os.waitpid(pid, 0); print(os.read(r, 10)); print(hashlib.sha256(b'x').hexdigest()[:8], zlib.crc32(b'abc'), struct.pack('<IH', 1, 2)); random.seed(1); print(random.random()); print(datetime.datetime.utcfromtimestamp(0)); print(sys.argv[1:], sys.platform)
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor
print(list(ThreadPoolExecutor(3).map(lambda x: x * x, range(5))))
def sq(x): return x * x
with ProcessPoolExecutor(2) as ex: print(list(ex.map(sq, range(4))))
import asyncio
async def m():
    await asyncio.gather(*(asyncio.sleep(0.01 * i) for i in range(3))); pr = await asyncio.create_subprocess_exec('echo', 'async', stdout=-1); print(await pr.communicate())
asyncio.run(m())
import multiprocessing as mp
q = mp.Queue(); p = mp.Process(target=lambda: q.put('mp')); p.start(); print(q.get()); p.join(); print(p.exitcode)
try: open('/nothing')
except OSError as e: print(e)
sys.exit(9)
E
/usr/bin/python3 p.py a b; echo $?
## python3: a traceback, an interrupt, a broken pipe
/usr/bin/python3 -c 'def f(): 1/0
f()'; echo $?; /usr/bin/python3 -c 'import os,signal; os.kill(os.getpid(), signal.SIGINT)' 2>&1 | tail -1; /usr/bin/python3 -c 'for i in range(100000): print(i)' 2>/dev/null | head -1; echo ${PIPESTATUS[0]}
