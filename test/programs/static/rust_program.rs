// Threads, channels, files, loopback, time, children and panics of Rust's standard library, statically linked.
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{symlink, FileExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{exit, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn threads() {
    let (send, receive) = mpsc::channel();
    let workers: Vec<_> = (0..8u64)
        .map(|n| {
            let send = send.clone();
            thread::Builder::new()
                .name(format!("worker {n}"))
                .spawn(move || {
                    for i in 0..100 {
                        send.send(n * i).unwrap()
                    }
                    thread::current().name().unwrap().to_string()
                })
                .unwrap()
        })
        .collect();
    drop(send);
    println!("sum {}", receive.iter().sum::<u64>());
    for w in workers {
        println!("{}", w.join().unwrap())
    }
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    let total = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::new(4));
    let once = Arc::new(Once::new());
    let map = Arc::new(RwLock::new(HashMap::new()));
    thread::scope(|s| {
        for n in 0..4 {
            let (shared, total, barrier, once, map) = (shared.clone(), total.clone(), barrier.clone(), once.clone(), map.clone());
            s.spawn(move || {
                barrier.wait();
                once.call_once(|| {
                    total.fetch_add(1000, Ordering::SeqCst);
                });
                for _ in 0..1000 {
                    total.fetch_add(1, Ordering::SeqCst);
                    *shared.0.lock().unwrap() += 1;
                }
                map.write().unwrap().insert(n, n * n);
                let mut turn = shared.0.lock().unwrap();
                while *turn < 4000 + n {
                    turn = shared.1.wait_timeout(turn, Duration::from_millis(50)).unwrap().0
                }
                *turn += 1;
                shared.1.notify_all();
            });
        }
    });
    println!("{} {}", total.load(Ordering::SeqCst), shared.0.lock().unwrap());
    println!("{:?}", map.read().unwrap().iter().collect::<BTreeMap<_, _>>());
    let parked = thread::spawn(|| {
        thread::park();
        thread::park_timeout(Duration::from_millis(5));
        "woken"
    });
    thread::sleep(Duration::from_millis(5));
    parked.thread().unpark();
    println!("{}", parked.join().unwrap());
    let poisoned = Arc::new(Mutex::new(1));
    let p = poisoned.clone();
    let died = thread::spawn(move || {
        let _held = p.lock().unwrap();
        panic!("in a thread")
    })
    .join();
    println!("{:?} {}", died.unwrap_err().downcast_ref::<&str>(), poisoned.is_poisoned());
    println!("{}", thread::available_parallelism().is_ok());
}

fn files() -> io::Result<()> {
    fs::create_dir_all("rust/a/b")?;
    fs::write("rust/f", "one\ntwo\nthree\n")?;
    let mut f = OpenOptions::new().read(true).append(true).open("rust/f")?;
    writeln!(f, "four")?;
    f.seek(SeekFrom::Start(4))?;
    for line in BufReader::new(&f).lines() {
        println!("line {}", line?)
    }
    let mut two = [0; 3];
    f.read_exact_at(&mut two, 8)?;
    println!("{:?}", std::str::from_utf8(&two));
    f.set_len(5)?;
    f.sync_all()?;
    fs::set_permissions("rust/f", fs::Permissions::from_mode(0o600))?;
    let meta = fs::metadata("rust/f")?;
    println!(
        "{} {:o} {} {}",
        meta.len(),
        meta.mode(),
        meta.nlink(),
        meta.modified()?.duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_600_000_000
    );
    symlink("f", "rust/l")?;
    fs::hard_link("rust/f", "rust/h")?;
    println!("{:?} {:?}", fs::read_link("rust/l")?, fs::canonicalize("rust/l")?.file_name());
    println!("{}", fs::copy("rust/f", "rust/c")?);
    fs::rename("rust/c", "rust/a/moved")?;
    let mut names: Vec<_> = fs::read_dir("rust")?
        .map(|e| {
            let e = e.unwrap();
            format!("{:?} {:?}", e.file_name(), e.file_type().unwrap().is_dir())
        })
        .collect();
    names.sort();
    println!("{names:?}");
    for (what, error) in [
        ("none", File::open("rust/none").map(|_| ())),
        ("folder", fs::remove_dir("rust")),
        ("file", fs::create_dir("rust/f")),
        ("under", File::open("rust/f/x").map(|_| ())),
    ] {
        println!("{what}: {}", error.unwrap_err())
    }
    fs::remove_dir_all("rust")?;
    println!("{:?}", File::open("rust").unwrap_err().kind());
    let mut random = [0u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    println!("{}", random != [0; 16]);
    Ok(())
}

fn network() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            let mut s = stream.unwrap();
            let mut text = String::new();
            s.read_to_string(&mut text).unwrap();
            s.write_all(text.to_uppercase().as_bytes()).unwrap();
        }
    });
    for n in 0..3 {
        let mut c = TcpStream::connect(address)?;
        c.set_nodelay(true)?;
        write!(c, "client {n}")?;
        c.shutdown(std::net::Shutdown::Write)?;
        let mut back = String::new();
        c.read_to_string(&mut back)?;
        println!("{back}");
    }
    server.join().unwrap();
    println!("{:?}", TcpStream::connect(address).unwrap_err().kind());
    let u = UdpSocket::bind("127.0.0.1:0")?;
    let v = UdpSocket::bind("127.0.0.1:0")?;
    v.connect(u.local_addr()?)?;
    v.send(b"datagram")?;
    let mut packet = [0; 20];
    let (n, from) = u.recv_from(&mut packet)?;
    println!("{:?} {}", std::str::from_utf8(&packet[..n]), from == v.local_addr()?);
    u.set_read_timeout(Some(Duration::from_millis(5)))?;
    println!("{:?}", u.recv(&mut packet).unwrap_err().kind());
    u.set_nonblocking(true)?;
    println!("{:?}", u.recv(&mut packet).unwrap_err().kind() == ErrorKind::WouldBlock);
    let (mut a, mut b) = UnixStream::pair()?;
    a.write_all(b"pair")?;
    drop(a);
    let mut text = String::new();
    b.read_to_string(&mut text)?;
    println!("{text}");
    let ux = UnixListener::bind("sock")?;
    let t = thread::spawn(move || ux.accept().unwrap().0.write_all(b"over unix").unwrap());
    text.clear();
    UnixStream::connect("sock")?.read_to_string(&mut text)?;
    t.join().unwrap();
    println!("{text}");
    fs::remove_file("sock")
}

fn times() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("{}", start.elapsed() >= Duration::from_millis(20));
    println!("{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_600_000_000);
    let (_send, receive) = mpsc::channel::<()>();
    println!("{:?}", receive.recv_timeout(Duration::from_millis(5)));
}

fn children() -> io::Result<()> {
    let out = Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).output()?;
    println!("{:?} {:?} {}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr), out.status);
    let mut cat = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    cat.stdin.take().unwrap().write_all(b"through cat")?;
    println!("{:?}", String::from_utf8(cat.wait_with_output()?.stdout));
    let mut sleeper = Command::new("sleep").arg("100").spawn()?;
    println!("{:?}", sleeper.try_wait()?);
    sleeper.kill()?;
    println!("{:?}", sleeper.wait()?.signal());
    println!("{}", Command::new("/nothing").spawn().unwrap_err());
    println!("{}", Command::new("sh").env_clear().env("A", "b").current_dir("/").args(["-c", "echo $A; pwd"]).status()?);
    println!(
        "{:?}",
        unsafe { Command::new("true").pre_exec(|| Err(io::Error::from_raw_os_error(5))).spawn() }
            .unwrap_err()
            .raw_os_error()
    );
    for how in ["panic", "abort", "overflow", "deep"] {
        let out = Command::new(std::env::current_exe()?).arg(how).output()?;
        let text = String::from_utf8_lossy(&out.stderr).replace(|c: char| c.is_ascii_digit(), "");
        println!("{how}: {:?} {:?} {:?}", out.status.code(), out.status.signal(), text);
    }
    Ok(())
}

fn deep(n: u64) -> u64 {
    let a = [n; 100];
    if n == u64::MAX {
        0
    } else {
        deep(n + 1) + std::hint::black_box(a)[50]
    }
}

fn main() {
    std::panic::set_hook(Box::new(|info| eprintln!("panic: {}", info.to_string().lines().last().unwrap_or_default())));
    for name in std::env::args().skip(1) {
        println!("# {name}");
        match name.as_str() {
            "threads" => threads(),
            "files" => files().unwrap(),
            "network" => network().unwrap(),
            "times" => times(),
            "children" => children().unwrap(),
            "panic" => panic!("on purpose"),
            "abort" => std::process::abort(),
            "overflow" => println!("{}", [1, 2, 3][std::env::args().count() + 5]),
            "deep" => println!("{}", deep(0)),
            _ => exit(99),
        }
    }
    exit(7);
}
