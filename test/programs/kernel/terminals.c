// Pseudo-terminals: the line discipline, modes, job control, hang-up.
#include "cases.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;
static void pair(void) { int on = 0, n; master = open("/dev/ptmx", O_RDWR | O_NOCTTY); ioctl(master, TIOCSPTLCK, &on); slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY); }
static void show(const char *what, const char *b, long n) { char t[200]; int at = 0; for (int i = 0; i < n && at < 190; i++) at += snprintf(t + at, 199 - at, b[i] < 32 || b[i] == 127 ? "\\%o" : "%c", b[i] & 0xff); t[at] = 0; say("%s %ld %s%s", what, n, n < 0 ? error_name(errno) : t, ""); }
/* The host's worker carries bytes over: give it time. */
static void out(void) { char b[100]; usleep(20000); show("out", b, read(master, b, 100)); }
static void in(void) { char b[100]; show("in", b, read(slave, b, 100)); }
static void type(const char *text) { write(master, text, strlen(text)); usleep(20000); }
static void nonblocking(void) { fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK); fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK); }
static void raw(int min, int time) { struct termios t; tcgetattr(slave, &t); cfmakeraw(&t); t.c_cc[VMIN] = min; t.c_cc[VTIME] = time; tcsetattr(slave, TCSANOW, &t); }
static void mode(int set, int clear) { struct termios t; tcgetattr(slave, &t); t.c_lflag = (t.c_lflag | set) & ~clear; tcsetattr(slave, TCSANOW, &t); }

CASE(a_new_pair) { int n; char name[20]; struct stat st; master = open("/dev/ptmx", O_RDWR | O_NOCTTY); TRY(ioctl(master, TIOCGPTLCK, &n)); say("%d", n); TRY(ioctl(master, TIOCSPTLCK, &(int){ 0 })); TRY(ioctl(master, TIOCGPTLCK, &n)); say("%d", n); slave = TRY(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY)); TRY(isatty(slave)); TRY(isatty(master)); TRY(lseek(slave, 0, SEEK_SET)); struct winsize w; TRY(ioctl(slave, TIOCGWINSZ, &w)); say("%d %d", w.ws_row, w.ws_col); }
CASE(canonical_lines) { pair(); nonblocking(); type("abc"); in(); type("\n"); in(); out(); type("one\ntwo\n"); in(); in(); in(); type("part\004"); in(); type("\004"); in(); in(); char b[3]; type("longer\n"); show("two", b, read(slave, b, 2)); in(); }
CASE(editing_keys) { pair(); nonblocking(); type("abx\177c\n"); in(); out(); type("one two.three\027x\n"); in(); out(); type("gone\025kept\n"); in(); out(); type("\026\003\n"); in(); out(); type("a\tb\177\177c\n"); in(); out(); type("\177\177x\n"); in(); out(); type("redo\022\n"); in(); out(); }
CASE(echo_modes) { pair(); nonblocking(); mode(0, ECHO); type("silent\n"); out(); in(); mode(ECHONL, ECHO); type("x\n"); out(); in(); mode(ECHO, ECHOCTL); type("\001\n"); out(); in(); mode(ECHO | ECHOCTL, ECHOE); type("ab\177\n"); out(); in(); mode(0, ECHOKE); type("ab\025\n"); out(); in(); mode(0, ICANON); type("raw\n"); out(); in(); }
CASE(input_and_output_modes) { struct termios t; pair(); nonblocking(); write(slave, "a\nb\tc", 5); out(); tcgetattr(slave, &t); t.c_oflag = OPOST | OCRNL | OLCUC; t.c_iflag = INLCR | ISTRIP; tcsetattr(slave, TCSANOW, &t); write(slave, "ab\r\n", 4); out(); type("x\ry\n"); in(); t.c_iflag = IGNCR; t.c_oflag = 0; tcsetattr(slave, TCSANOW, &t); type("x\ry\n"); in(); write(slave, "a\n", 2); out(); t.c_oflag = OPOST | XTABS; tcsetattr(slave, TCSANOW, &t); write(slave, "ab\tc", 4); out(); }
CASE(raw_minimum_and_time) { char b[8]; pair(); raw(0, 0); in(); raw(0, 1); in(); raw(3, 0); fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK); type("ab"); in(); type("cd"); in(); fcntl(slave, F_SETFL, O_RDWR); raw(5, 1); write(master, "xy", 2); in(); type("123"); struct pollfd f = { slave, POLLIN }; raw(5, 0); TRY(poll(&f, 1, 0)); raw(1, 0); TRY(poll(&f, 1, 0)); show("one", b, read(slave, b, 1)); in(); }
CASE(raw_to_canonical_and_back) { pair(); nonblocking(); raw(1, 0); type("ab"); mode(ICANON, 0); in(); type("xy"); in(); mode(0, ICANON); in(); struct termios t; TRY(tcgetattr(slave, &t)); TRY(tcsetattr(slave, TCSAFLUSH, &t)); type("z"); TRY(tcflush(slave, TCIFLUSH)); in(); TRY(tcflush(slave, 9)); TRY(tcgetattr(0, &t)); TRY(ioctl(slave, TCSETS, BAD_POINTER)); TRY(ioctl(slave, 0x5499, 0)); }
CASE(window_size) { struct winsize w = { 24, 80, 5, 6 }; pair(); TRY(ioctl(slave, TIOCSWINSZ, &w)); memset(&w, 0, sizeof w); TRY(ioctl(master, TIOCGWINSZ, &w)); say("%d %d %d %d", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel); TRY(ioctl(master, TIOCGWINSZ, BAD_POINTER)); }
CASE(flow_control) { pair(); nonblocking(); type("\023"); TRY(write(slave, "held", 4)); out(); type("\021"); TRY(write(slave, "free", 4)); out(); TRY(tcflow(slave, TCOOFF)); TRY(write(slave, "x", 1)); TRY(tcflow(slave, TCOON)); TRY(write(slave, "y", 1)); out(); TRY(tcflow(slave, TCIOFF)); out(); TRY(tcflow(slave, TCION)); out(); TRY(tcflow(slave, 9)); }
CASE(the_other_end_closes) { char b; pair(); write(slave, "last", 4); close(slave); out(); out(); struct pollfd f = { master, POLLIN | POLLOUT }; TRY(poll(&f, 1, 0)); say("%x", f.revents); pair(); type("x\n"); close(master); in(); TRY(write(slave, "x", 1)); f = (struct pollfd){ slave, POLLIN | POLLOUT }; TRY(poll(&f, 1, 0)); say("%x", f.revents); struct termios t; int zero = 0; TRY(tcgetattr(slave, &t)); TRY(ioctl(slave, TIOCSPGRP, &zero)); }
CASE(packet_mode) { char b[20]; pair(); nonblocking(); TRY(ioctl(master, TIOCPKT, &(int){ 1 })); write(slave, "hi", 2); show("packet", b, read(master, b, 20)); TRY(tcflush(slave, TCIFLUSH)); show("packet", b, read(master, b, 20)); TRY(tcflow(slave, TCOOFF)); show("packet", b, read(master, b, 20)); TRY(tcflow(slave, TCOON)); }
CASE(no_controlling_terminal) { int n; pair(); TRY(ioctl(slave, TIOCGPGRP, &n)); TRY(ioctl(slave, TIOCGSID, &n)); TRY(ioctl(slave, TIOCSPGRP, &(int){ 1 })); IN_CHILD("child", { setsid(); TRY(open("/dev/tty", O_RDWR)); TRY(ioctl(slave, TIOCNOTTY)); TRY(ioctl(slave, TIOCSCTTY, 0)); TRY(open("/dev/tty", O_RDWR)); TRY(ioctl(slave, TIOCGSID, &n)); IS(n == getpid()); TRY(tcgetpgrp(slave) == getpid()); TRY(ioctl(slave, TIOCSCTTY, 0)); TRY(tcsetpgrp(slave, 999999)); TRY(ioctl(slave, TIOCSPGRP, &(int){ -1 })); TRY(tcgetpgrp(master) == getpid()); }); }
static volatile int got; static void note(int s) { got = s; }
static void block(int signo) { sigset_t set; struct sigaction a = { .sa_handler = note }; sigaction(signo, &a, NULL); sigemptyset(&set); sigaddset(&set, signo); sigaddset(&set, SIGCONT); sigprocmask(SIG_BLOCK, &set, NULL); }
static void await(void) { sigset_t none; sigemptyset(&none); sigaddset(&none, SIGCONT); sigsuspend(&none); }
/* Signals wait until the sleep is over. */
static void held(const char *text) { sigset_t all, old; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, &old); type(text); sigprocmask(SIG_SETMASK, &old, NULL); say("%d", got); }
CASE(keys_that_signal) { IN_CHILD("leader", { pair(); setsid(); ioctl(slave, TIOCSCTTY, 0); signal(SIGINT, note); signal(SIGQUIT, note); signal(SIGTSTP, note); signal(SIGWINCH, note); held("gone\003"); held("\034"); held("\032"); ioctl(master, TIOCSWINSZ, &(struct winsize){ 9, 9 }); say("%d", got); nonblocking(); in(); out(); mode(0, ISIG); type("\003\n"); in(); mode(ISIG | NOFLSH, 0); held("kept\003\n"); in(); }); }
CASE(hangup_by_the_master) { int p[2]; pipe(p); IN_CHILD("outer", { pair(); pid_t c = fork(); if (!c) { close(master); setsid(); ioctl(slave, TIOCSCTTY, 0); block(SIGHUP); write(p[1], "x", 1); await(); say("%d", got); in(); TRY(open("/dev/tty", O_RDWR)); _exit(5); } char b; read(p[0], &b, 1); usleep(30000); close(slave); close(master); int st; waitpid(c, &st, 0); say_status("leader", st); }); }
CASE(full_buffers) { static char b[5000]; pair(); nonblocking(); memset(b, 'x', 5000); b[4999] = 10; mode(0, ECHO); write(master, b, 5000); usleep(20000); long n = read(slave, b, 5000); say("%ld %d", n, b[n > 0 ? n - 1 : 0]); }
CASE(old_modes) {
	struct { unsigned short iflag, oflag, cflag, lflag; unsigned char line, cc[8]; } t = { 0 };
	struct termios now;
	pair();
	TRY(ioctl(slave, TCGETA, &t));
	say("%x %x %x %x %d: %x %x %x %x %x %x %x %x", t.iflag, t.oflag, t.cflag, t.lflag, t.line, t.cc[0], t.cc[1], t.cc[2], t.cc[3], t.cc[4], t.cc[5], t.cc[6], t.cc[7]);
	t.lflag &= ~ECHO;
	t.cc[0] = 5;
	t.cflag |= PARENB;
	TRY(ioctl(slave, TCSETA, &t));
	TRY(ioctl(slave, TCSETAW, &t));
	TRY(ioctl(slave, TCSETAF, &t));
	TRY(ioctl(master, TCGETA, &t));
	say("%x %x %x", t.cflag, t.lflag, t.cc[0]);
	tcgetattr(slave, &now);
	say("%x %x %x %x", now.c_lflag, now.c_cflag, now.c_cc[VINTR], now.c_cc[VSUSP]);
	TRY(ioctl(slave, TCGETA, BAD_POINTER));
	TRY(ioctl(slave, TCSETA, BAD_POINTER));
}
CASE(locked_modes_are_refused) { struct { unsigned flags[4]; unsigned char line, cc[19]; } t; pair(); memset(&t, 7, sizeof t); TRY(ioctl(slave, TIOCGLCKTRMIOS, &t)); say("%x %x %d", t.flags[0], t.flags[3], t.cc[18]); TRY(ioctl(slave, TIOCSLCKTRMIOS, &t)); TRY(ioctl(slave, TIOCSLCKTRMIOS, BAD_POINTER)); TRY(ioctl(slave, TIOCGLCKTRMIOS, BAD_POINTER)); }
ROOT_CASE(locked_modes) {
	struct { unsigned flags[4]; unsigned char line, cc[19]; } t = { 0 };
	struct termios now;
	pair();
	t.flags[3] = ECHO | ISIG;
	t.cc[VINTR] = 1;
	TRY(ioctl(slave, TIOCSLCKTRMIOS, &t));
	TRY(ioctl(slave, TIOCSLCKTRMIOS, BAD_POINTER));
	tcgetattr(slave, &now);
	now.c_lflag &= ~(ECHO | ICANON);
	now.c_cc[VINTR] = 9;
	now.c_cc[VQUIT] = 9;
	TRY(tcsetattr(slave, TCSANOW, &now));
	tcgetattr(slave, &now);
	say("%x %x %x", now.c_lflag, now.c_cc[VINTR], now.c_cc[VQUIT]);
	memset(&t, 0, sizeof t);
	TRY(ioctl(slave, TIOCGLCKTRMIOS, &t));
	say("%x %d", t.flags[3], t.cc[VINTR]);
}
CASE(a_software_carrier) { int n = 7; struct termios t; pair(); TRY(ioctl(slave, TIOCGSOFTCAR, &n)); say("%d", n); n = 1; TRY(ioctl(slave, TIOCSSOFTCAR, &n)); tcgetattr(slave, &t); IS((t.c_cflag & CLOCAL) != 0); n = 0; TRY(ioctl(master, TIOCGSOFTCAR, &n)); say("%d", n); n = 0; TRY(ioctl(slave, TIOCSSOFTCAR, &n)); tcgetattr(slave, &t); IS((t.c_cflag & CLOCAL) != 0); TRY(ioctl(slave, TIOCSSOFTCAR, BAD_POINTER)); }
