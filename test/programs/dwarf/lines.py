# Run inside gdb: the line and the chain of functions (inlined ones first) at each of the addresses in the environment.
import gdb, json, os

out = []
for address in json.loads(os.environ['ADDRESSES']):
    sal = gdb.find_pc_line(address)
    names = []
    block = gdb.block_for_pc(address)
    while block is not None and not block.is_static and not block.is_global:
        if block.function is not None: names.append(block.function.name)
        block = block.superblock
    out.append([sal.symtab.filename.split('/')[-1] if sal.symtab else None, sal.line, sal.pc, sal.last, names])
print('LINES ' + json.dumps(out))
