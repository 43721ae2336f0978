# Run by gdb: single-steps the program and writes what changed at each step, for the replaying target of the tests.
import gdb, json
REGS = ['rax','rbx','rcx','rdx','rsi','rdi','rbp','rsp','r8','r9','r10','r11','r12','r13','r14','r15','rip','eflags','cs','ss']
gdb.execute('set confirm off'); gdb.execute('set disable-randomization on')
gdb.execute('starti', to_string=True)
inf = gdb.selected_inferior()
top = int(gdb.parse_and_eval('(unsigned long)$rsp'))
LOW, HIGH = (top - 2048) & ~0xf, (top + 64) & ~0xf
data = [int(gdb.parse_and_eval('(unsigned long)&' + n)) for n in ('origin', 'counter', 'greeting')]
DLOW, DHIGH = min(data) & ~0xff, (max(data) + 0x100) & ~0xff
def regs():
    f = gdb.newest_frame()
    return {r: int(f.read_register(r)) & 0xffffffffffffffff for r in REGS}
def mem(lo, hi): return bytes(inf.read_memory(lo, hi - lo))
areas = [(LOW, HIGH), (DLOW, DHIGH)]
last, image = regs(), [mem(*a) for a in areas]
out = {'regions': [{'address': hex(a[0]), 'bytes': i.hex()} for a, i in zip(areas, image)], 'registers': {k: hex(v) for k, v in last.items()}, 'steps': []}
for _ in range(5000):
    gdb.execute('stepi', to_string=True)
    if not inf.pid: break
    now, step = regs(), {}
    changed = {k: hex(v) for k, v in now.items() if v != last[k]}
    writes = []
    for k, a in enumerate(areas):
        new = mem(*a)
        i = 0
        while i < len(new):
            if new[i] != image[k][i]:
                j = i
                while j < len(new) and new[j] != image[k][j]: j += 1
                writes.append([hex(a[0] + i), new[i:j].hex()]); i = j
            else: i += 1
        image[k] = new
    step['r'] = changed
    if writes: step['w'] = writes
    out['steps'].append(step); last = now
json.dump(out, open('steps.trace.json', 'w'), separators=(',', ':'))
print('steps', len(out['steps']))
