# Run inside gdb: stops at each marked line and writes what gdb knows of every frame, as one JSON line per stop.
import gdb, json, os

REGS = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip']

def hexbytes(value):
    try:
        value.fetch_lazy()
        if value.is_optimized_out: return None
        t = value.type.strip_typedefs()
        if t.sizeof == 0 or t.sizeof > 4096: return None
        raw = value.cast(value.type)
        try: return bytes(value.bytes).hex()
        except AttributeError: pass
        if t.code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_BOOL):
            return (int(value) & (1 << 8 * t.sizeof) - 1).to_bytes(t.sizeof, 'little').hex()
        if value.address is not None:
            return bytes(gdb.selected_inferior().read_memory(value.address, t.sizeof)).hex()
        return None
    except (gdb.error, gdb.MemoryError, OverflowError):
        return None

def frames():
    out = []
    frame = gdb.newest_frame()
    while frame is not None and frame.is_valid() and len(out) < 12:
        entry = {'name': frame.name(), 'pc': frame.pc(), 'inlined': frame.type() == gdb.INLINE_FRAME, 'line': frame.find_sal().line, 'registers': {}, 'variables': []}
        for r in REGS:
            v = frame.read_register(r)
            entry['registers'][r] = None if v.is_optimized_out else str(int(v.cast(gdb.lookup_type('unsigned long'))))
        try: block = frame.block()
        except RuntimeError: block = None
        while block is not None and not block.is_static and not block.is_global:
            names = []
            for symbol in block:
                if not (symbol.is_argument or symbol.is_variable or symbol.is_constant): continue
                value = symbol.value(frame) if symbol.needs_frame else symbol.value()
                try: shown = str(value)
                except gdb.error as e: shown = 'error: ' + str(e)
                names.append({'name': symbol.name, 'type': str(value.type), 'size': value.type.sizeof, 'bytes': hexbytes(value), 'shown': shown})
            entry['variables'].append(names)
            if block.function is not None: break
            block = block.superblock
        out.append(entry)
        frame = frame.older()
    return out

def printed(expression):
    try: return gdb.execute('print' + expression if expression[0] == '/' else 'print ' + expression, to_string=True).split(' = ', 1)[1].rstrip('\n')
    except gdb.error as e: return 'error: ' + str(e)

def dump():
    sp = int(gdb.parse_and_eval('(unsigned long)$rsp'))
    memory = []
    for line in open('/proc/%d/maps' % gdb.selected_inferior().pid):
        span, perms, rest = line.split(None, 2)
        low, high = (int(x, 16) for x in span.split('-'))
        if 'stack' in rest: low = max(low, sp - 4096); high = min(high, low + 65536)
        elif os.path.basename(gdb.current_progspace().filename) not in rest: continue
        memory.append([low, bytes(gdb.selected_inferior().read_memory(low, high - low)).hex()])
    print('DUMP ' + json.dumps({'main': int(gdb.parse_and_eval('(unsigned long)&main')), 'frames': frames(), 'memory': memory, 'printed': {e: printed(e) for e in json.loads(os.environ.get('EXPRESSIONS', '[]'))}}))

gdb.execute('set pagination off')
gdb.execute('set width 0')
for mark in os.environ['MARKS'].split(','): gdb.execute('break sample.c:' + mark)
gdb.execute('run > /dev/null')
for _ in range(12):
    if not gdb.selected_inferior().pid: break
    dump()
    gdb.execute('continue')
gdb.execute('kill') if gdb.selected_inferior().pid else None
