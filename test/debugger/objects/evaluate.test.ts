import assert from 'node:assert/strict';
import { kernelChildren } from '../../../src/debugger/scopes/fact';
import { evaluateKernel, isKernelTrue, parseKernelExpression, rootsIn, scalarOf } from '../../../src/debugger/objects/evaluate';
import { formatKernel } from '../../../src/debugger/objects/format';
import { kernelValue, typeText } from '../../../src/debugger/objects/kernel_value';
import { membersOf } from '../../../src/debugger/objects/members';
import { isProgramTrue, programText } from '../../../src/debugger/program_expression';
import { build, start, stopAtCall, whyNoCompiler, type Guest } from './guest';

describe('expressions over kernel objects', function () {
  this.timeout(60_000);
  let guest: Guest;
  let pid = 0;
  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
    guest = start(build('objects'));
    pid = stopAtCall(guest.core, 'getppid').pid;
  });
  const show = (text: string, names: Record<string, unknown> = {}): string => formatKernel(evaluateKernel(text, name => names[name], pid));
  const fails = (text: string, sentence: RegExp): void => { assert.throws(() => show(text), (error: Error) => error.name === 'ExpressionError' && sentence.test(error.message)); };
  /** A section of what /proc said inside the machine. */
  const proc = (file: string): string => guest.output().split('== ').find(part => part.startsWith(file))!.slice(file.length + 1);

  it('Linux\'s own paths lead to the values, without casts', () => {
    assert.equal(show('current->files->fdt->fd[3]->f_pos'), '6');
    assert.equal(show('((struct file *)current->files->fdt->fd[3])->f_pos + 1 == 7 && current->pid == current->tgid'), '1');
    assert.equal(show('current->files->fdt->fd[3]->f_dentry->d_name.name'), '"objects.txt"');
    assert.equal(show('current->files->fdt->fd[3]->f_path'), '"/tmp/objects.txt"');
    assert.equal(show('$file(3)->f_inode->i_size'), '15');
    assert.equal(show('$file(3)->f_inode->i_mode'), '0100640 -rw-r-----');
    assert.equal(show(`$task(${pid})->cred->uid.val`), '1000');
    assert.equal(show('$file(5)->f_inode->i_pipe->bufs[0]->len'), '5');
    assert.equal(show('current->parent == NULL'), '1');
    assert.match(show('$file(3)'), /^"\/tmp\/objects.txt" O_RDWR, position 6 @ 0xffff8881[0-9a-f]{8}$/);
    assert.equal(show('$object($file(3)) == $file(3) && $owners($file(3)).size > 0'), '1');
  });

  it('leads back, too: from a field to its owner by Linux\'s names, by $owners, and by a row of the tree', () => {
    assert.equal(show('current->mm->owner == current && $file(3)->f_inode->i_dentry[0] == $file(3)->f_path.dentry'), '1');
    assert.equal(show('$file(3)->f_path.dentry->d_parent->d_subdirs.length > 0'), '1');
    const owners = kernelChildren(evaluateKernel('$file(3)->f_inode', undefined, pid), '$file(3)->f_inode').at(-1)!;
    assert.equal(owners.name, 'pointed at by');
    const rows = owners.children!();
    assert.ok(rows.some(({ name }) => name === 'dentry.d_inode') && rows.some(({ name }) => name === 'file.f_inode'));
    for (const { expression, value } of rows) assert.equal(show(expression!), value);
  });

  it('takes a pointer of the program for its address, whatever it points at', () => {
    const main = guest.core.stackOf(pid).find(frame => frame.name === 'main')!, { target, modules } = guest.core;
    assert.match(programText(target, modules, main, '$vma(page)'), /^[0-9a-f]+-[0-9a-f]+ rw-p anonymous memory @ /);
    assert.match(programText(target, modules, main, '$page(page)'), /^page frame 0x/);
    assert.equal(programText(target, modules, main, '$vma(page)->vm_start <= $vma(page)->vm_end'), '1');
    assert.equal(isProgramTrue(target, modules, main, '$vma(page) && page == "x"'), true);
  });

  it('says what is wrong, and where', () => {
    fails('current->nonsense', /there is no field 'nonsense'.*column 10/);
    fails('current->fil', /did you mean files/);
    fails('$file(77)->f_pos', /descriptor 77 is not open/);
    fails('$task(5)', /there is no task 5; there are 1001/);
    fails('$file', /\$file needs an argument: \$file\(fd\)/);
    assert.equal(show('$file(3) == ' + String(scalarOf(evaluateKernel('$file(3)', undefined, pid))) + ' && ~0 == 0xffffffffffffffff && current->pid != -1'), '1');
    fails('current->pid = 3', /are changed in the console or the Variables view/);
    fails('current->files->fdt->fd[99]', /no element \[99\]/);
    fails('current->comm ~ "("', /not a regular expression/);
  });

  it('names of a kernel function\'s frame come first', () => {
    const condition = parseKernelExpression('file->f_pos > 4096 && current->pid == 1002');
    assert.equal(isKernelTrue(condition.evaluate(name => name === 'file' ? { f_pos: 5000 } : name === 'current' ? { pid: 1002 } : undefined)), true);
    assert.equal(isKernelTrue(condition.evaluate(name => name === 'file' ? { f_pos: 5000 } : undefined, pid)), false);
    assert.equal(scalarOf(evaluateKernel('count * 2 + flags[1]', name => ({ count: 21, flags: [1, 2] } as Record<string, unknown>)[name])), 44n);
  });

  it('knows its own expressions from the program\'s', () => {
    assert.deepEqual(['current->pid', '$task(3)', 'i == 2 && *$file(3)', '!current', '$tasks', '$rax', 'currents->x', 'p->current', '$file'].map(text => rootsIn(text).join()), ['current', '$task', '$file', 'current', '$tasks', '', '', '', '']);
    const main = guest.core.stackOf(pid).find(frame => frame.name === 'main')!;
    const { target, modules } = guest.core;
    assert.equal(isProgramTrue(target, modules, main, 'data_fd == 3 && $file(data_fd)->f_pos == 6 && current->pid == 1001'), true);
    assert.equal(isProgramTrue(target, modules, main, 'page[0] == 120 && data_fd != 3'), false);
    assert.equal(programText(target, modules, main, '$file(data_fd)->f_path'), '"/tmp/objects.txt"');
  });

  it('maps are the vm_area_structs of the address space', () => {
    // The vsyscall page is no vm_area_struct.
    const lines = proc('/proc/self/maps').trim().split('\n').filter(line => !line.endsWith('[vsyscall]'));
    const shown = membersOf(evaluateKernel('current->mm->mmap', undefined, pid)).map(({ value }) => formatKernel(value));
    assert.equal(shown.length, lines.length);
    lines.forEach((line, i) => {
      const [range, permissions, , , , name] = line.split(/ +/);
      const [start, end] = range!.split('-').map(part => parseInt(part, 16).toString(16));
      assert.equal(shown[i]!.replace(/ @ 0x\w+$/, ''), `${start}-${end} ${permissions} ${name || 'anonymous memory'}`);
    });
  });

  it('fdinfo and status say the same as file, cred and signals', () => {
    const field = (file: string, name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(proc(file))![1]!;
    assert.equal(show('$file(3)->f_pos'), field('/proc/self/fdinfo/3', 'pos'));
    assert.equal(Number(scalarOf(evaluateKernel('$file(3)->f_flags', undefined, pid))).toString(8), field('/proc/self/fdinfo/3', 'flags').replace(/^0+/, ''));
    assert.equal(show('$file(3)->f_inode->i_ino'), field('/proc/self/fdinfo/3', 'ino'));
    const mask = (name: string): bigint => BigInt(`0x${field('/proc/self/status', name)}`);
    assert.equal(scalarOf(evaluateKernel('current->blocked', undefined, pid)), mask('SigBlk'));
    assert.equal(scalarOf(evaluateKernel('current->pending->signal', undefined, pid)), mask('SigPnd'));
    const actions = evaluateKernel('current->sighand->action', undefined, pid).value as { sa_handler: number }[];
    const where = (isMine: (handler: number) => boolean): bigint => actions.reduce((sum, action, i) => isMine(action.sa_handler) ? sum | 1n << BigInt(i) : sum, 0n);
    assert.equal(where(handler => handler === 1), mask('SigIgn'));
    assert.equal(where(handler => handler > 1), mask('SigCgt'));
    assert.equal(`${show('current->mm->total_vm * 4')} kB`, field('/proc/self/status', 'VmSize'));
    assert.equal(show('current->signal->nr_threads'), field('/proc/self/status', 'Threads'));
    assert.equal(show('current->blocked'), '0x200 [USR1]');
  });

  it('walks the page tables of an address', () => {
    const registers = guest.core.target.registers(pid, 'user');
    const address = registers.read('rdi')!;
    const page = evaluateKernel(`$page(${address})`, undefined, pid);
    assert.deepEqual(membersOf(page).map(member => member.name), ['PGD', 'P4D', 'PUD', 'PMD', 'PTE', 'page']);
    assert.match(show(`$page(${address}).PTE.flags`), /PRESENT\|RW\|USER.*NX/);
    assert.match(show(`$page(${address}).page`), /page frame 0x\w+ \(kernel address 0xffff8880\w+\), written/);
    assert.match(show(`$page(${address} + 4096).page`), /not in memory yet/);
    assert.match(show(`$vma(${address})`), /rw-p anonymous memory @ 0xffff8881/);
  });

  it('values without a declaration are shown by what they are', () => {
    assert.equal(typeText(kernelValue([1, 2])), 'long[2]');
    assert.equal(formatKernel(kernelValue({ a: 1, b: 'x' })), '{a = 1, b = "x"}');
    assert.equal(formatKernel(kernelValue(null)), 'NULL');
    assert.equal(typeText(evaluateKernel('$file(3)', undefined, pid)), 'struct file *');
    assert.equal(typeText(evaluateKernel('current->files->fd', undefined, pid)), 'struct file *[9]');
  });

  it('every object of the graph can be printed and unfolded', () => {
    const seen = new Set<unknown>();
    const visit = (value: ReturnType<typeof evaluateKernel>): void => {
      assert.equal(typeof formatKernel(value), 'string');
      if (typeof value.value === 'object' && value.value !== null) { if (seen.has(value.value)) return; seen.add(value.value); }
      for (const member of membersOf(value)) visit(member.value);
    };
    visit(evaluateKernel('$kernel'));
    assert.ok(seen.size > 100);
  });
});
