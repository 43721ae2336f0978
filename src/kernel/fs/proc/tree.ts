// Files of /proc whose text does not change: parameters below /proc/sys with the values that Linux begins with, and tables of a network that is the loopback alone (kernfs/tree.ts tells the form).
// Linux: kernel/sysctl.c, mm/, net/core/sysctl_net_core.c, net/ipv4/sysctl_net_ipv4.c, fib_trie.c, net/ipv6/route.c. Those that change stand in base.ts.
export const PROC_TREE = `
buddyinfo = Node 0, zone    DMA32      0      0      0      0      0      0      0      0      0      0      0\\n
bus/input/
cgroups = #subsys_name\\thierarchy\\tnum_cgroups\\tenabled\\ncpuset\\t0\\t1\\t1\\ncpu\\t0\\t1\\t1\\nio\\t0\\t1\\t1\\nmemory\\t0\\t1\\t1\\npids\\t0\\t1\\t1\\n
consoles = ttyS0                -W- (EC  p  )    4:64\\n
crypto =
diskstats =
driver/
execdomains = 0-0\\tLinux           \\t[kernel]\\n
fs/
iomem = 00000000-00000000 : System RAM\\n
ioports =
irq/
key-users =
keys =
misc =
modules =
net/anycast6 =
net/arp = IP address       HW type     Flags       HW address            Mask     Device\\n
net/dev_mcast =
net/dev_snmp6/lo = ifIndex                         \\t1\\n
net/icmp =   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \\n
net/icmp6 =   sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\\n
net/if_inet6 = 00000000000000000000000000000001 01 80 10 80       lo\\n
net/igmp = Idx\\tDevice    : Count Querier\\tGroup    Users Timer\\tReporter\\n1\\tlo        :     1      V3\\n\\t\\t\\t\\t010000E0     1 0:00000000\\t\\t0\\n
net/igmp6 = 1    lo              ff020000000000000000000000000001     1 0000000C 0\\n1    lo              ff010000000000000000000000000001     1 00000008 0\\n
net/ipv6_route = 00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo\\n00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\\n
net/netstat = TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed ListenOverflows ListenDrops\\nTcpExt: 0 0 0 0 0\\nIpExt: InNoRoutes InTruncatedPkts InOctets OutOctets\\nIpExt: 0 0 0 0\\n
net/packet = sk               RefCnt Type Proto  Iface R Rmem   User   Inode\\n
net/psched = 000003e8 00000040 000f4240 3b9aca00\\n
net/ptype = Type Device      Function\\n0800          ip_rcv\\n86dd          ipv6_rcv\\n
net/raw =   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \\n
net/raw6 =   sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\\n
net/route = Iface\\tDestination\\tGateway \\tFlags\\tRefCnt\\tUse\\tMetric\\tMask\\t\\tMTU\\tWindow\\tIRTT                                                       \\n
net/snmp = Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits\\nIp: 2 64 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\\nTcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0\\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors\\nUdp: 0 0 0 0 0 0 0 0 0\\n
net/softnet_stat = 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\\n
net/stat/
net/wireless = Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\\n face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\\n
pressure/cpu = some avg10=0.00 avg60=0.00 avg300=0.00 total=0\\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\\n
pressure/io = some avg10=0.00 avg60=0.00 avg300=0.00 total=0\\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\\n
pressure/memory = some avg10=0.00 avg60=0.00 avg300=0.00 total=0\\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\\n
softirqs =                     CPU0       \\n          HI:          0\\n       TIMER:          0\\n      NET_TX:          0\\n      NET_RX:          0\\n       BLOCK:          0\\n    IRQ_POLL:          0\\n     TASKLET:          0\\n       SCHED:          0\\n     HRTIMER:          0\\n         RCU:          0\\n
sys/abi/vsyscall32 ~ 1\\n
sys/debug/exception-trace ~ 1\\n
sys/dev/tty/ldisc_autoload ~ 1\\n
sys/dev/tty/legacy_tiocsti ~ 0\\n
sys/fs/aio-max-nr ~ 65536\\n
sys/fs/aio-nr = 0\\n
sys/fs/dentry-state = 0\\t0\\t45\\t0\\t0\\t0\\n
sys/fs/dir-notify-enable ~ 1\\n
sys/fs/epoll/max_user_watches ~ 235622\\n
sys/fs/file-max ~ 9223372036854775807\\n
sys/fs/inode-nr = 0\\t0\\n
sys/fs/inode-state = 0\\t0\\t0\\t0\\t0\\t0\\t0\\n
sys/fs/inotify/max_queued_events ~ 16384\\n
sys/fs/inotify/max_user_instances ~ 128\\n
sys/fs/inotify/max_user_watches ~ 8192\\n
sys/fs/lease-break-time ~ 45\\n
sys/fs/leases-enable ~ 1\\n
sys/fs/mount-max ~ 100000\\n
sys/fs/mqueue/msg_default ~ 10\\n
sys/fs/mqueue/msg_max ~ 10\\n
sys/fs/mqueue/msgsize_default ~ 8192\\n
sys/fs/mqueue/msgsize_max ~ 8192\\n
sys/fs/mqueue/queues_max ~ 256\\n
sys/fs/nr_open ~ 1048576\\n
sys/fs/overflowgid ~ 65534\\n
sys/fs/overflowuid ~ 65534\\n
sys/fs/pipe-max-size ~ 1048576\\n
sys/fs/pipe-user-pages-hard ~ 0\\n
sys/fs/pipe-user-pages-soft ~ 16384\\n
sys/fs/suid_dumpable ~ 0\\n
sys/kernel/acct ~ 4\\t2\\t30\\n
sys/kernel/arch = x86_64\\n
sys/kernel/auto_msgmni ~ 0\\n
sys/kernel/bootloader_type = 0\\n
sys/kernel/bootloader_version = 0\\n
sys/kernel/cap_last_cap = 40\\n
sys/kernel/core_pattern ~ core\\n
sys/kernel/core_pipe_limit ~ 0\\n
sys/kernel/core_uses_pid ~ 0\\n
sys/kernel/ctrl-alt-del ~ 0\\n
sys/kernel/dmesg_restrict ~ 0\\n
sys/kernel/hung_task_timeout_secs ~ 120\\n
sys/kernel/io_uring_disabled ~ 2\\n
sys/kernel/keys/maxbytes ~ 20000\\n
sys/kernel/keys/maxkeys ~ 200\\n
sys/kernel/keys/root_maxbytes ~ 25000000\\n
sys/kernel/keys/root_maxkeys ~ 1000000\\n
sys/kernel/kptr_restrict ~ 0\\n
sys/kernel/msg_next_id ~ -1\\n
sys/kernel/msgmax ~ 8192\\n
sys/kernel/msgmnb ~ 16384\\n
sys/kernel/msgmni ~ 32000\\n
sys/kernel/ngroups_max = 65536\\n
sys/kernel/numa_balancing ~ 0\\n
sys/kernel/osrelease = 6.12.0-ringside\\n
sys/kernel/ostype = Linux\\n
sys/kernel/overflowgid ~ 65534\\n
sys/kernel/overflowuid ~ 65534\\n
sys/kernel/panic ~ 0\\n
sys/kernel/panic_on_oops ~ 0\\n
sys/kernel/perf_event_max_sample_rate ~ 100000\\n
sys/kernel/perf_event_mlock_kb ~ 516\\n
sys/kernel/perf_event_paranoid ~ 2\\n
sys/kernel/pid_max ~ 4194304\\n
sys/kernel/print-fatal-signals ~ 0\\n
sys/kernel/printk ~ 4\\t4\\t1\\t7\\n
sys/kernel/pty/max ~ 4096\\n
sys/kernel/pty/reserve ~ 1024\\n
sys/kernel/random/poolsize = 256\\n
sys/kernel/random/entropy_avail = 256\\n
sys/kernel/random/urandom_min_reseed_secs ~ 60\\n
sys/kernel/random/write_wakeup_threshold ~ 256\\n
sys/kernel/randomize_va_space ~ 0\\n
sys/kernel/sched_autogroup_enabled ~ 0\\n
sys/kernel/sched_child_runs_first ~ 0\\n
sys/kernel/sched_rr_timeslice_ms ~ 100\\n
sys/kernel/sched_rt_period_us ~ 1000000\\n
sys/kernel/sched_rt_runtime_us ~ 950000\\n
sys/kernel/seccomp/actions_avail = kill_process kill_thread trap errno user_notif trace log allow\\n
sys/kernel/seccomp/actions_logged ~ kill_process kill_thread trap errno user_notif trace log\\n
sys/kernel/sem ~ 32000\\t1024000000\\t500\\t32000\\n
sys/kernel/sem_next_id ~ -1\\n
sys/kernel/shm_next_id ~ -1\\n
sys/kernel/shm_rmid_forced ~ 0\\n
sys/kernel/shmall ~ 18446744073692774399\\n
sys/kernel/shmmax ~ 18446744073692774399\\n
sys/kernel/shmmni ~ 4096\\n
sys/kernel/sysrq ~ 0\\n
sys/kernel/tainted ~ 0\\n
sys/kernel/threads-max ~ 127229\\n
sys/kernel/unprivileged_bpf_disabled ~ 2\\n
sys/kernel/version = #1 SMP PREEMPT_DYNAMIC\\n
sys/kernel/yama/ptrace_scope ~ 1\\n
sys/net/core/busy_poll ~ 0\\n
sys/net/core/busy_read ~ 0\\n
sys/net/core/default_qdisc ~ pfifo_fast\\n
sys/net/core/netdev_max_backlog ~ 1000\\n
sys/net/core/optmem_max ~ 131072\\n
sys/net/core/rmem_default ~ 212992\\n
sys/net/core/rmem_max ~ 212992\\n
sys/net/core/somaxconn ~ 4096\\n
sys/net/core/wmem_default ~ 212992\\n
sys/net/core/wmem_max ~ 212992\\n
sys/net/ipv4/conf/lo/forwarding ~ 0\\n
sys/net/ipv4/icmp_echo_ignore_all ~ 0\\n
sys/net/ipv4/ip_default_ttl ~ 64\\n
sys/net/ipv4/ip_forward ~ 0\\n
sys/net/ipv4/ip_local_port_range ~ 32768\\t60999\\n
sys/net/ipv4/ip_local_reserved_ports ~ \\n
sys/net/ipv4/ip_nonlocal_bind ~ 0\\n
sys/net/ipv4/ip_unprivileged_port_start ~ 1024\\n
sys/net/ipv4/ping_group_range ~ 1\\t0\\n
sys/net/ipv4/tcp_allowed_congestion_control ~ reno cubic\\n
sys/net/ipv4/tcp_available_congestion_control = reno cubic\\n
sys/net/ipv4/tcp_congestion_control ~ cubic\\n
sys/net/ipv4/tcp_ecn ~ 2\\n
sys/net/ipv4/tcp_fastopen ~ 1\\n
sys/net/ipv4/tcp_fin_timeout ~ 60\\n
sys/net/ipv4/tcp_keepalive_intvl ~ 75\\n
sys/net/ipv4/tcp_keepalive_probes ~ 9\\n
sys/net/ipv4/tcp_keepalive_time ~ 7200\\n
sys/net/ipv4/tcp_max_syn_backlog ~ 128\\n
sys/net/ipv4/tcp_moderate_rcvbuf ~ 1\\n
sys/net/ipv4/tcp_no_metrics_save ~ 0\\n
sys/net/ipv4/tcp_retries1 ~ 3\\n
sys/net/ipv4/tcp_retries2 ~ 15\\n
sys/net/ipv4/tcp_rmem ~ 4096\\t131072\\t6291456\\n
sys/net/ipv4/tcp_sack ~ 1\\n
sys/net/ipv4/tcp_syn_retries ~ 6\\n
sys/net/ipv4/tcp_syncookies ~ 1\\n
sys/net/ipv4/tcp_timestamps ~ 1\\n
sys/net/ipv4/tcp_tw_reuse ~ 2\\n
sys/net/ipv4/tcp_window_scaling ~ 1\\n
sys/net/ipv4/tcp_wmem ~ 4096\\t16384\\t4194304\\n
sys/net/ipv6/bindv6only ~ 0\\n
sys/net/ipv6/conf/all/disable_ipv6 ~ 0\\n
sys/net/ipv6/conf/default/disable_ipv6 ~ 0\\n
sys/net/ipv6/conf/lo/disable_ipv6 ~ 0\\n
sys/net/unix/max_dgram_qlen ~ 10\\n
sys/user/max_cgroup_namespaces ~ 63614\\n
sys/user/max_inotify_instances ~ 128\\n
sys/user/max_inotify_watches ~ 8192\\n
sys/user/max_ipc_namespaces ~ 63614\\n
sys/user/max_mnt_namespaces ~ 63614\\n
sys/user/max_net_namespaces ~ 63614\\n
sys/user/max_pid_namespaces ~ 63614\\n
sys/user/max_time_namespaces ~ 63614\\n
sys/user/max_user_namespaces ~ 63614\\n
sys/user/max_uts_namespaces ~ 63614\\n
sys/vm/compaction_proactiveness ~ 20\\n
sys/vm/dirty_background_ratio ~ 10\\n
sys/vm/dirty_expire_centisecs ~ 3000\\n
sys/vm/dirty_ratio ~ 20\\n
sys/vm/dirty_writeback_centisecs ~ 500\\n
sys/vm/hugetlb_shm_group ~ 0\\n
sys/vm/legacy_va_layout ~ 0\\n
sys/vm/max_map_count ~ 65530\\n
sys/vm/memfd_noexec ~ 0\\n
sys/vm/min_free_kbytes ~ 4096\\n
sys/vm/mmap_min_addr ~ 65536\\n
sys/vm/mmap_rnd_bits ~ 28\\n
sys/vm/mmap_rnd_compat_bits ~ 8\\n
sys/vm/nr_hugepages ~ 0\\n
sys/vm/nr_overcommit_hugepages ~ 0\\n
sys/vm/numa_stat ~ 1\\n
sys/vm/oom_dump_tasks ~ 1\\n
sys/vm/oom_kill_allocating_task ~ 0\\n
sys/vm/overcommit_kbytes ~ 0\\n
sys/vm/overcommit_memory ~ 0\\n
sys/vm/overcommit_ratio ~ 50\\n
sys/vm/page-cluster ~ 3\\n
sys/vm/panic_on_oom ~ 0\\n
sys/vm/swappiness ~ 60\\n
sys/vm/unprivileged_userfaultfd ~ 0\\n
sys/vm/vfs_cache_pressure ~ 100\\n
sys/vm/watermark_scale_factor ~ 10\\n
sys/vm/zone_reclaim_mode ~ 0\\n
timer_list = Timer List Version: v0.10\\n
tty/driver/
tty/drivers = /dev/tty             /dev/tty        5       0 system:/dev/tty\\n/dev/console         /dev/console    5       1 system:console\\n/dev/ptmx            /dev/ptmx       5       2 system\\npty_slave            /dev/pts      136 0-1048575 pty:slave\\n
tty/ldiscs = n_tty       0\\n
zoneinfo = Node 0, zone    DMA32\\n
`;
