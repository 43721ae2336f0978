// The control group that all processes are in, as a container sees its own: nothing is limited beyond the computer. Linux: kernel/cgroup/cgroup.c, mm/memcontrol.c, kernel/sched/core.c:cpu_files.
import { CGROUP2_SUPER_MAGIC } from '../../../abi/fs';
import { mount_kernfs, type kernfs_root } from '../../fs/kernfs/kernfs';
import { MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, type mount, type path } from '../../fs/types';
import { ops } from '../../kobject';
import { kernel } from '../../state';

const PRESSURE = 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\\n';
const TREE = `
cgroup.controllers = cpuset cpu io memory pids\\n
cgroup.events = populated 1\\nfrozen 0\\n
cgroup.freeze ~ 0\\n
cgroup.max.depth ~ max\\n
cgroup.max.descendants ~ max\\n
cgroup.procs ~ @procs
cgroup.stat = nr_descendants 0\\nnr_dying_descendants 0\\n
cgroup.subtree_control ~
cgroup.threads ~ @threads
cgroup.type ~ domain\\n
cpu.idle ~ 0\\n
cpu.max ~ max 100000\\n
cpu.max.burst ~ 0\\n
cpu.pressure ~ ${PRESSURE}
cpu.stat = @cpu_stat
cpu.weight ~ 100\\n
cpu.weight.nice ~ 0\\n
cpuset.cpus ~ \\n
cpuset.cpus.effective = 0\\n
cpuset.cpus.partition ~ member\\n
cpuset.mems ~ \\n
cpuset.mems.effective = 0\\n
io.pressure ~ ${PRESSURE}
io.stat =
memory.current = @memory_current
memory.events = low 0\\nhigh 0\\nmax 0\\noom 0\\noom_kill 0\\noom_group_kill 0\\n
memory.high ~ max\\n
memory.low ~ 0\\n
memory.max ~ max\\n
memory.min ~ 0\\n
memory.oom.group ~ 0\\n
memory.peak = @memory_current
memory.pressure ~ ${PRESSURE}
memory.stat = @memory_stat
memory.swap.current = 0\\n
memory.swap.max ~ max\\n
pids.current = @pids_current
pids.max ~ max\\n
pids.peak = @pids_current
`;

const used = (): number => (kernel.nr_pages - kernel.nr_free_pages) * 4096;
const us = (ns: number): number => Math.floor(ns / 1000);

function memory_stat(): string {
  let anon = 0, file = 0, shmem = 0;
  for (const { mm, pid, tgid } of kernel.tasks.values()) {
    if (!mm || pid !== tgid) continue;
    anon += mm.rss_anon;
    file += mm.rss_file;
    shmem += mm.rss_shmem;
  }
  return `anon ${anon * 4096}\nfile ${(file + shmem) * 4096}\nkernel 0\nkernel_stack 0\nsock 0\nshmem ${shmem * 4096}\nfile_mapped ${file * 4096}\nfile_dirty 0\nfile_writeback 0\nanon_thp 0\ninactive_anon 0\nactive_anon ${anon * 4096}\ninactive_file 0\nactive_file ${file * 4096}\nunevictable 0\n`;
}

const cgroup2_ops: kernfs_root = ops('cgroup2_ops', {
  name: 'cgroup2', tree: TREE, fileSize: 0,
  shown: {
    procs: (): string => [...kernel.tasks.values()].filter(task => task.pid === task.tgid).map(task => `${task.pid}\n`).join(''),
    threads: (): string => [...kernel.tasks.keys()].map(pid => `${pid}\n`).join(''),
    pids_current: (): string => `${kernel.tasks.size}\n`,
    memory_current: (): string => `${used()}\n`,
    memory_stat,
    cpu_stat: (): string => `usage_usec ${us(kernel.cpu_user + kernel.cpu_system)}\nuser_usec ${us(kernel.cpu_user)}\nsystem_usec ${us(kernel.cpu_system)}\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n`,
  },
});

export function mount_cgroup2(at: path): mount {
  return mount_kernfs(at, 'cgroup2', 'cgroup', CGROUP2_SUPER_MAGIC, cgroup2_ops, MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_READONLY | MNT_RELATIME);
}
