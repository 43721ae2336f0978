// /sys of a computer with one processor, one node of memory and the loopback. Linux: fs/sysfs/, drivers/base/cpu.c, node.c, cacheinfo.c, topology.c, net/core/net-sysfs.c, mm/huge_memory.c.
// Differs: there are no devices beside these, and nothing is configured here.
import { SYSFS_MAGIC } from '../../../abi/fs';
import { kernel } from '../../state';
import { ops } from '../../kobject';
import { mount_kernfs, type kernfs_root } from '../kernfs/kernfs';
import { MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, type mount, type path } from '../types';

const TREE = `
block/
bus/cpu/devices/cpu0 -> ../../../devices/system/cpu/cpu0
bus/memory/
bus/node/devices/node0 -> ../../../devices/system/node/node0
bus/pci/devices/
bus/platform/
bus/usb/
class/block/
class/mem/
class/net/lo -> ../../devices/virtual/net/lo
class/power_supply/
class/thermal/
class/tty/
dev/block/
dev/char/
devices/system/cpu/cpu0/cache/index0/coherency_line_size = 64\\n
devices/system/cpu/cpu0/cache/index0/id = 0\\n
devices/system/cpu/cpu0/cache/index0/level = 1\\n
devices/system/cpu/cpu0/cache/index0/number_of_sets = 64\\n
devices/system/cpu/cpu0/cache/index0/physical_line_partition = 1\\n
devices/system/cpu/cpu0/cache/index0/shared_cpu_list = 0\\n
devices/system/cpu/cpu0/cache/index0/shared_cpu_map = 1\\n
devices/system/cpu/cpu0/cache/index0/size = 32K\\n
devices/system/cpu/cpu0/cache/index0/type = Data\\n
devices/system/cpu/cpu0/cache/index0/uevent ~
devices/system/cpu/cpu0/cache/index0/ways_of_associativity = 8\\n
devices/system/cpu/cpu0/cache/index1/coherency_line_size = 64\\n
devices/system/cpu/cpu0/cache/index1/id = 0\\n
devices/system/cpu/cpu0/cache/index1/level = 1\\n
devices/system/cpu/cpu0/cache/index1/number_of_sets = 64\\n
devices/system/cpu/cpu0/cache/index1/physical_line_partition = 1\\n
devices/system/cpu/cpu0/cache/index1/shared_cpu_list = 0\\n
devices/system/cpu/cpu0/cache/index1/shared_cpu_map = 1\\n
devices/system/cpu/cpu0/cache/index1/size = 32K\\n
devices/system/cpu/cpu0/cache/index1/type = Instruction\\n
devices/system/cpu/cpu0/cache/index1/uevent ~
devices/system/cpu/cpu0/cache/index1/ways_of_associativity = 8\\n
devices/system/cpu/cpu0/cache/index2/coherency_line_size = 64\\n
devices/system/cpu/cpu0/cache/index2/id = 0\\n
devices/system/cpu/cpu0/cache/index2/level = 2\\n
devices/system/cpu/cpu0/cache/index2/number_of_sets = 1024\\n
devices/system/cpu/cpu0/cache/index2/physical_line_partition = 1\\n
devices/system/cpu/cpu0/cache/index2/shared_cpu_list = 0\\n
devices/system/cpu/cpu0/cache/index2/shared_cpu_map = 1\\n
devices/system/cpu/cpu0/cache/index2/size = 512K\\n
devices/system/cpu/cpu0/cache/index2/type = Unified\\n
devices/system/cpu/cpu0/cache/index2/uevent ~
devices/system/cpu/cpu0/cache/index2/ways_of_associativity = 8\\n
devices/system/cpu/cpu0/cache/index3/coherency_line_size = 64\\n
devices/system/cpu/cpu0/cache/index3/id = 0\\n
devices/system/cpu/cpu0/cache/index3/level = 3\\n
devices/system/cpu/cpu0/cache/index3/number_of_sets = 16384\\n
devices/system/cpu/cpu0/cache/index3/physical_line_partition = 1\\n
devices/system/cpu/cpu0/cache/index3/shared_cpu_list = 0\\n
devices/system/cpu/cpu0/cache/index3/shared_cpu_map = 1\\n
devices/system/cpu/cpu0/cache/index3/size = 16384K\\n
devices/system/cpu/cpu0/cache/index3/type = Unified\\n
devices/system/cpu/cpu0/cache/index3/uevent ~
devices/system/cpu/cpu0/cache/index3/ways_of_associativity = 16\\n
devices/system/cpu/cpu0/cache/uevent ~
devices/system/cpu/cpu0/node0 -> ../../node/node0
devices/system/cpu/cpu0/subsystem -> ../../../../bus/cpu
devices/system/cpu/cpu0/topology/cluster_cpus = 1\\n
devices/system/cpu/cpu0/topology/cluster_cpus_list = 0\\n
devices/system/cpu/cpu0/topology/cluster_id = 65535\\n
devices/system/cpu/cpu0/topology/core_cpus = 1\\n
devices/system/cpu/cpu0/topology/core_cpus_list = 0\\n
devices/system/cpu/cpu0/topology/core_id = 0\\n
devices/system/cpu/cpu0/topology/core_siblings = 1\\n
devices/system/cpu/cpu0/topology/core_siblings_list = 0\\n
devices/system/cpu/cpu0/topology/die_cpus = 1\\n
devices/system/cpu/cpu0/topology/die_cpus_list = 0\\n
devices/system/cpu/cpu0/topology/die_id = 0\\n
devices/system/cpu/cpu0/topology/package_cpus = 1\\n
devices/system/cpu/cpu0/topology/package_cpus_list = 0\\n
devices/system/cpu/cpu0/topology/physical_package_id = 0\\n
devices/system/cpu/cpu0/topology/thread_siblings = 1\\n
devices/system/cpu/cpu0/topology/thread_siblings_list = 0\\n
devices/system/cpu/cpu0/uevent ~
devices/system/cpu/enabled = 0\\n
devices/system/cpu/isolated = \\n
devices/system/cpu/kernel_max = 0\\n
devices/system/cpu/offline = \\n
devices/system/cpu/online = 0\\n
devices/system/cpu/possible = 0\\n
devices/system/cpu/present = 0\\n
devices/system/cpu/uevent ~
devices/system/clocksource/clocksource0/available_clocksource = tsc \\n
devices/system/clocksource/clocksource0/current_clocksource ~ tsc\\n
devices/system/node/has_cpu = 0\\n
devices/system/node/has_generic_initiator = \\n
devices/system/node/has_memory = 0\\n
devices/system/node/has_normal_memory = 0\\n
devices/system/node/online = 0\\n
devices/system/node/possible = 0\\n
devices/system/node/uevent ~
devices/system/node/node0/cpu0 -> ../../cpu/cpu0
devices/system/node/node0/cpulist = 0\\n
devices/system/node/node0/cpumap = 1\\n
devices/system/node/node0/distance = 10\\n
devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages = 0\\n
devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages ~ 0\\n
devices/system/node/node0/hugepages/hugepages-2048kB/surplus_hugepages = 0\\n
devices/system/node/node0/meminfo = @node_meminfo
devices/system/node/node0/numastat = numa_hit 0\\nnuma_miss 0\\nnuma_foreign 0\\ninterleave_hit 0\\nlocal_node 0\\nother_node 0\\n
devices/system/node/node0/uevent ~
devices/virtual/net/lo/addr_assign_type = 0\\n
devices/virtual/net/lo/addr_len = 6\\n
devices/virtual/net/lo/address = 00:00:00:00:00:00\\n
devices/virtual/net/lo/broadcast = 00:00:00:00:00:00\\n
devices/virtual/net/lo/carrier ~ 1\\n
devices/virtual/net/lo/carrier_changes = 0\\n
devices/virtual/net/lo/carrier_down_count = 0\\n
devices/virtual/net/lo/carrier_up_count = 0\\n
devices/virtual/net/lo/dev_id = 0x0\\n
devices/virtual/net/lo/dev_port = 0\\n
devices/virtual/net/lo/dormant = 0\\n
devices/virtual/net/lo/duplex = -errno 22
devices/virtual/net/lo/flags ~ 0x9\\n
devices/virtual/net/lo/gro_flush_timeout ~ 0\\n
devices/virtual/net/lo/ifalias ~
devices/virtual/net/lo/ifindex = 1\\n
devices/virtual/net/lo/iflink = 1\\n
devices/virtual/net/lo/link_mode = 0\\n
devices/virtual/net/lo/mtu ~ 65536\\n
devices/virtual/net/lo/name_assign_type = 2\\n
devices/virtual/net/lo/napi_defer_hard_irqs ~ 0\\n
devices/virtual/net/lo/netdev_group ~ 0\\n
devices/virtual/net/lo/operstate = unknown\\n
devices/virtual/net/lo/proto_down ~ 0\\n
devices/virtual/net/lo/queues/rx-0/rps_cpus ~ 0\\n
devices/virtual/net/lo/queues/tx-0/tx_timeout = 0\\n
devices/virtual/net/lo/speed = -errno 22
devices/virtual/net/lo/statistics/collisions = 0\\n
devices/virtual/net/lo/statistics/multicast = 0\\n
devices/virtual/net/lo/statistics/rx_bytes = 0\\n
devices/virtual/net/lo/statistics/rx_compressed = 0\\n
devices/virtual/net/lo/statistics/rx_crc_errors = 0\\n
devices/virtual/net/lo/statistics/rx_dropped = 0\\n
devices/virtual/net/lo/statistics/rx_errors = 0\\n
devices/virtual/net/lo/statistics/rx_fifo_errors = 0\\n
devices/virtual/net/lo/statistics/rx_frame_errors = 0\\n
devices/virtual/net/lo/statistics/rx_length_errors = 0\\n
devices/virtual/net/lo/statistics/rx_missed_errors = 0\\n
devices/virtual/net/lo/statistics/rx_nohandler = 0\\n
devices/virtual/net/lo/statistics/rx_over_errors = 0\\n
devices/virtual/net/lo/statistics/rx_packets = 0\\n
devices/virtual/net/lo/statistics/tx_aborted_errors = 0\\n
devices/virtual/net/lo/statistics/tx_bytes = 0\\n
devices/virtual/net/lo/statistics/tx_carrier_errors = 0\\n
devices/virtual/net/lo/statistics/tx_compressed = 0\\n
devices/virtual/net/lo/statistics/tx_dropped = 0\\n
devices/virtual/net/lo/statistics/tx_errors = 0\\n
devices/virtual/net/lo/statistics/tx_fifo_errors = 0\\n
devices/virtual/net/lo/statistics/tx_heartbeat_errors = 0\\n
devices/virtual/net/lo/statistics/tx_packets = 0\\n
devices/virtual/net/lo/statistics/tx_window_errors = 0\\n
devices/virtual/net/lo/subsystem -> ../../../../class/net
devices/virtual/net/lo/testing = 0\\n
devices/virtual/net/lo/threaded ~ 0\\n
devices/virtual/net/lo/tx_queue_len ~ 1000\\n
devices/virtual/net/lo/type = 772\\n
devices/virtual/net/lo/uevent ~ INTERFACE=lo\\nIFINDEX=1\\n
firmware/
fs/cgroup/
hypervisor/
kernel/address_bits = 64\\n
kernel/cgroup/delegate =
kernel/cpu_byteorder = little\\n
kernel/debug/
kernel/fscaps = 1\\n
kernel/mm/hugepages/hugepages-2048kB/free_hugepages = 0\\n
kernel/mm/hugepages/hugepages-2048kB/nr_hugepages ~ 0\\n
kernel/mm/hugepages/hugepages-2048kB/nr_hugepages_mempolicy ~ 0\\n
kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages ~ 0\\n
kernel/mm/hugepages/hugepages-2048kB/resv_hugepages = 0\\n
kernel/mm/hugepages/hugepages-2048kB/surplus_hugepages = 0\\n
kernel/mm/transparent_hugepage/defrag ~ always defer defer+madvise madvise [never]\\n
kernel/mm/transparent_hugepage/enabled ~ always madvise [never]\\n
kernel/mm/transparent_hugepage/hpage_pmd_size = 2097152\\n
kernel/mm/transparent_hugepage/shmem_enabled ~ always within_size advise [never] deny force\\n
kernel/mm/transparent_hugepage/use_zero_page ~ 1\\n
kernel/oops_count = 0\\n
kernel/profiling ~ 0\\n
kernel/rcu_expedited ~ 0\\n
kernel/rcu_normal ~ 0\\n
kernel/security/
kernel/tracing/
kernel/uevent_seqnum = 0\\n
kernel/warn_count = 0\\n
module/
power/
`;

const kib = (name: string, pages: number): string => `Node 0 ${`${name}:`.padEnd(15)}${String(pages * 4).padStart(8)} kB\n`;

const sysfs_ops: kernfs_root = ops('sysfs_ops', {
  name: 'sysfs', tree: TREE, fileSize: 4096,
  shown: { node_meminfo: (): string => kib('MemTotal', kernel.nr_pages) + kib('MemFree', kernel.nr_free_pages) + kib('MemUsed', kernel.nr_pages - kernel.nr_free_pages) },
});

export function mount_sysfs(at: path): mount {
  return mount_kernfs(at, 'sysfs', 'sysfs', SYSFS_MAGIC, sysfs_ops, MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_READONLY | MNT_RELATIME);
}
