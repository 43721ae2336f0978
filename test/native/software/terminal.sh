#! needs: script vim less /usr/bin/python3 stty
## script runs a command in a terminal of its own
script -qec 'sleep 0.2; tty | sed s/[0-9]*$//; stty -a; stty size; test -t 0 && echo terminal; ls -C /etc/apt; exit 3' out </dev/null; echo $?; grep -c terminal out
## stty changes modes, and they hold
script -qec 'sleep 0.2; stty -echo rows 33 cols 99; stty -a; stty sane; stty raw; stty -a; stty -g; stty sane; stty -echo; stty size' /dev/null </dev/null
## job control in an interactive bash
cat >drive.py <<'E'
import os, pty, sys, time, select
pid, m = pty.fork()
if pid == 0: os.environ['PS1'] = '$ '; os.execvp(sys.argv[1], sys.argv[1:])
text = b''
def until(mark):
    global text
    while mark not in text:
        try: text += os.read(m, 4096)
        except OSError: break
    at = text.find(mark) + len(mark)
    print(text[:at].decode('latin1').replace('\x1b', 'ESC'), end='|\n', flush=True); text = text[at:]
script = eval(open('keys').read())
for mark, keys in script: until(mark); time.sleep(0.2); os.write(m, keys)
try:
    while True:
        part = os.read(m, 4096)
        if not part: break
        text += part
except OSError: pass
print(text.decode('latin1').replace('\x1b', 'ESC')); print(os.waitpid(pid, 0)[1])
E
cat >keys <<'E'
[(b'$ ', b'echo one\n'), (b'$ ', b'sleep 100\n'), (b'sleep 100\r\n', b'\x1a'), (b'$ ', b'jobs\n'), (b'$ ', b'bg\n'), (b'$ ', b'fg\n'), (b'sleep 100\r\n', b'\x03'), (b'$ ', b'cat\n'), (b'cat\r\n', b'line\n'), (b'line\r\nline\r\n', b'\x04'), (b'$ ', b'sleep 0.1 & wait; echo done\n'), (b'$ ', b'set +o history; cat & sleep 0.1\n'), (b'$ ', b'kill -9 %1; sleep 0.3; fg\n'), (b'$ ', b'stty tostop; echo x & sleep 0.1; jobs\n'), (b'$ ', b'fg\n'), (b'$ ', b'exit 4\n')]
E
/usr/bin/python3 drive.py bash --norc --noediting -i | sed 's/\[\([0-9]\)\] [0-9][0-9]*/[\1] PID/'
## interrupts and end of file in a canonical terminal
cp ../2/drive.py .; echo "[(b'\$ ', b'read x; echo got \$x\n'), (b'\r\n', b'wrong\x15right\x7f\x7fGHT\n'), (b'\$ ', b'cat >f\n'), (b'f\r\n', b'a\x16\x03b\n\x04'), (b'\$ ', b'od -c f\n'), (b'\$ ', b'trap \"echo int\" INT; sleep 5\n'), (b'sleep 5\r\n', b'\x03'), (b'\$ ', b'\x04')]" >keys; /usr/bin/python3 drive.py dash -i
## vim edits a file
printf 'one\ntwo\nthree\n' >f; cp ../2/drive.py .; echo "[(b'three', b'ddp:s/two/TWO/\r'), (b'TWO', b'Gonew line\x1b:wq\r')]" >keys; TERM=vt100 /usr/bin/python3 drive.py vim -u NONE -N f >out; tail -1 out; cat f
## less shows pages and searches
seq 100 >f; cp ../2/drive.py .; echo "[(b'f', b' '), (b':', b'/77\r'), (b'77', b'G'), (b'100', b'q')]" >keys; TERM=vt100 LESS= /usr/bin/python3 drive.py less f
## top and watch-like programs get the size of the window
script -qec 'sleep 0.2; stty rows 10 cols 40; tput -T vt100 lines; tput -T vt100 cols; COLUMNS= ls -C --width=0 /usr/share/perl5 | head -3 | wc -l' /dev/null </dev/null
