// Goroutines, channels, timers, files, loopback, signals and child processes, of Go's own runtime and without a C library.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func goroutines() {
	var wait sync.WaitGroup
	results := make(chan int)
	for i := 0; i < 100; i++ {
		wait.Add(1)
		go func(n int) { defer wait.Done(); runtime.Gosched(); results <- n * n }(i)
	}
	go func() { wait.Wait(); close(results) }()
	sum := 0
	for v := range results {
		sum += v
	}
	fmt.Println("sum of squares", sum)
	var lock sync.Mutex
	var counter int64
	shared := 0
	for i := 0; i < 8; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			runtime.LockOSThread()
			for j := 0; j < 1000; j++ {
				lock.Lock()
				shared++
				lock.Unlock()
				atomic.AddInt64(&counter, 1)
			}
		}()
	}
	wait.Wait()
	fmt.Println("counters", shared, counter)
	spin := make(chan bool)
	go func() {
		for i := 0; ; i++ {
			if i == 20000000 {
				spin <- true
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("context", ctx.Err())
	fmt.Println("a busy goroutine ends", <-spin)
}

func garbage() {
	type node struct {
		next  *node
		bytes [100]byte
	}
	var keep *node
	for i := 0; i < 100000; i++ {
		n := &node{}
		if i%1000 == 0 {
			n.next = keep
			keep = n
		}
	}
	runtime.GC()
	length := 0
	for n := keep; n != nil; n = n.next {
		length++
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("kept", length, stats.NumGC > 0)
}

func files() {
	dir, err := os.MkdirTemp(".", "go")
	check(err)
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "file")
	check(os.WriteFile(name, []byte("one\ntwo\nthree\n"), 0640))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0)
	check(err)
	fmt.Fprintln(f, "four")
	f.Seek(4, io.SeekStart)
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		fmt.Println("line", scanner.Text())
	}
	check(f.Truncate(3))
	info, err := f.Stat()
	check(err)
	fmt.Println(info.Name(), info.Size(), info.Mode())
	check(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	f.Close()
	check(os.Chtimes(name, time.Unix(1000, 5), time.Unix(2000, 7)))
	info, _ = os.Stat(name)
	fmt.Println(info.ModTime().UnixNano())
	check(os.MkdirAll(filepath.Join(dir, "a/b/c"), 0755))
	check(os.Symlink("b/c", filepath.Join(dir, "a/link")))
	check(os.Link(name, filepath.Join(dir, "a/hard")))
	filepath.Walk(dir, func(p string, i os.FileInfo, err error) error {
		fmt.Println(strings.ReplaceAll(p, filepath.Base(dir), "DIR"), i.Mode())
		return err
	})
	target, _ := os.Readlink(filepath.Join(dir, "a/link"))
	fmt.Println("link", target)
	_, err = os.Open(filepath.Join(dir, "none"))
	fmt.Println(errors.Is(err, os.ErrNotExist), strings.HasSuffix(err.Error(), "no such file or directory"))
	fmt.Println(os.Remove(filepath.Join(dir, "a")) != nil)
	var buffer bytes.Buffer
	z := gzip.NewWriter(&buffer)
	z.Write(bytes.Repeat([]byte("ringside "), 1000))
	z.Close()
	r, err := gzip.NewReader(&buffer)
	check(err)
	sum := sha256.New()
	io.Copy(sum, r)
	fmt.Printf("%x\n", sum.Sum(nil))
	data, err := syscall.Mmap(int(must(os.Open("/proc/self/exe")).Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_PRIVATE)
	check(err)
	fmt.Printf("%q\n", data[:4])
	check(syscall.Munmap(data))
}

func must(f *os.File, err error) *os.File { check(err); return f }

func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); io.Copy(c, c) }()
		}
	}()
	var wait sync.WaitGroup
	lines := make([]string, 5)
	for i := range lines {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			c, err := net.Dial("tcp", listener.Addr().String())
			check(err)
			fmt.Fprintf(c, "hello %d\n", i)
			lines[i], err = bufio.NewReader(c).ReadString('\n')
			check(err)
			c.Close()
		}(i)
	}
	wait.Wait()
	sort.Strings(lines)
	fmt.Print(lines, "\n")
	c, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	fmt.Println("deadline", os.IsTimeout(err))
	c.Close()
	listener.Close()
	_, err = net.Dial("tcp", listener.Addr().String())
	fmt.Println("refused", errors.Is(err, syscall.ECONNREFUSED))
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(err)
	d, err := net.Dial("udp", u.LocalAddr().String())
	check(err)
	d.Write([]byte("datagram"))
	packet := make([]byte, 100)
	n, _, err := u.ReadFrom(packet)
	check(err)
	fmt.Println(string(packet[:n]))
	six, err := net.Listen("tcp", "[::1]:0")
	check(err)
	fmt.Println("six", six.Addr().Network())
	six.Close()
	ux, err := net.Listen("unix", "sock")
	check(err)
	go func() { c, _ := ux.Accept(); fmt.Fprint(c, "over unix"); c.Close() }()
	uc, err := net.Dial("unix", "sock")
	check(err)
	all, err := io.ReadAll(uc)
	check(err)
	fmt.Println(string(all))
	ux.Close()
	web, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path, "method": r.Method})
	})
	server := &http.Server{Handler: mux}
	go server.Serve(web)
	for i := 0; i < 3; i++ {
		response, err := http.Get(fmt.Sprintf("http://%s/page%d", web.Addr(), i))
		check(err)
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Print(response.Status, " ", string(body))
	}
	check(server.Shutdown(context.Background()))
	names, err := net.Interfaces()
	check(err)
	for _, n := range names {
		if n.Flags&net.FlagLoopback != 0 {
			fmt.Println(n.Name, n.MTU > 0)
			a, _ := n.Addrs()
			fmt.Println(a[0])
		}
	}
}

func times() {
	start := time.Now()
	ticker := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 3; i++ {
		<-ticker.C
	}
	ticker.Stop()
	passed := time.Since(start)
	fmt.Println("ticks", passed >= 14*time.Millisecond)
	select {
	case <-time.After(10 * time.Millisecond):
		fmt.Println("after")
	case <-make(chan int):
		fmt.Println("never")
	}
	fired := make(chan bool)
	timer := time.AfterFunc(time.Hour, func() { fired <- true })
	fmt.Println("stopped", timer.Stop())
	timer.Reset(time.Millisecond)
	fmt.Println("fired", <-fired)
}

func signals() {
	caught := make(chan os.Signal, 10)
	signal.Notify(caught, syscall.SIGUSR1, syscall.SIGHUP, syscall.SIGCHLD)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("caught", <-caught)
	signal.Ignore(syscall.SIGHUP)
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	signal.Reset(syscall.SIGUSR1)
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var p *int
		*p = 1
	}()
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		zero := len(os.Args) - len(os.Args)
		fmt.Println(1 / zero)
	}()
}

func children() {
	out, err := exec.Command("/bin/sh", "-c", "echo from a child; echo $X; exit 3").CombinedOutput()
	fmt.Printf("%s%v\n", out, err)
	cat := exec.Command("cat")
	cat.Stdin = strings.NewReader("through cat")
	through, err := cat.Output()
	fmt.Println(string(through), err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	fmt.Println(exec.CommandContext(ctx, "sleep", "100").Run())
	fmt.Println(exec.Command("/nothing").Run())
	me := exec.Command("/proc/self/exe", "die")
	text, err := me.CombinedOutput()
	fmt.Println(strings.SplitN(string(text), "\n", 2)[0], err)
	me = exec.Command("/proc/self/exe", "kill")
	fmt.Println(me.Run(), me.ProcessState.Sys().(syscall.WaitStatus).Signaled())
	r, w, _ := os.Pipe()
	r.Close()
	_, err = w.Write([]byte("x"))
	fmt.Println("broken pipe", errors.Is(err, syscall.EPIPE))
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage))
	fmt.Println("usage", usage.Maxrss > 0)
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "die" {
		var m map[int]int
		m[1] = 2
	}
	if len(os.Args) > 1 && os.Args[1] == "kill" {
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
		time.Sleep(time.Minute)
	}
	parts := map[string]func(){"goroutines": goroutines, "garbage": garbage, "files": files, "network": network, "times": times, "signals": signals, "children": children}
	for _, name := range os.Args[1:] {
		fmt.Println("#", name)
		parts[name]()
	}
	os.Exit(7)
}
