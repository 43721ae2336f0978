// DWARF's register numbers of x86-64. psABI 3.6.2, figure 3.36.

export const DWARF_RSP = 7, DWARF_RBP = 6, DWARF_RETURN_ADDRESS = 16;

const names: (string | undefined)[] = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip'];
for (let i = 0; i < 16; i++) names[17 + i] = `xmm${i}`;
for (let i = 0; i < 8; i++) { names[33 + i] = `st${i}`; names[41 + i] = `mm${i}`; }
['eflags', 'es', 'cs', 'ss', 'ds', 'fs', 'gs'].forEach((name, i) => { names[49 + i] = name; });
names[58] = 'fs_base';
names[59] = 'gs_base';
names[62] = 'tr';
names[63] = 'ldtr';
names[64] = 'mxcsr';
names[65] = 'fctrl';
names[66] = 'fstat';
for (let i = 0; i < 16; i++) names[67 + i] = `xmm${16 + i}`;
for (let i = 0; i < 8; i++) names[118 + i] = `k${i}`;

/** gdb's name of a DWARF register: 0 is `rax`, 1 is `rdx`; 16, the return address, is `rip`. */
export function dwarfRegisterName(number: number): string | undefined {
  return names[number];
}

/** The number of a register by gdb's name. */
export function dwarfRegisterNumber(name: string): number | undefined {
  const at = names.indexOf(name);
  return at < 0 ? undefined : at;
}
