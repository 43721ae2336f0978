// Classic BPF instructions as strace prints them with -v: BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x4). strace: src/bpf_filter.c, bpf_seccomp_filter.c.
import * as abi from '../../abi/seccomp';
import { choice } from './flags';
import { hexNumber } from './text';

const RET_ACTIONS = abi.SECCOMP_RET;

/** The code as names joined by |. */
function codeText(code: number): string {
  const cls = code & 7;
  const parts = [choice(abi.BPF_CLASS, cls)];
  const rest = code & ~7;
  if (cls === 0 || cls === 1) parts.push(choice(abi.BPF_SIZE, rest & 0x18), choice(abi.BPF_MODE, rest & 0xe0));
  else if (cls === 2 || cls === 3) { if (rest) parts.push(`${hexNumber(rest)} /* ${cls === 2 ? 'BPF_ST' : 'BPF_STX'} */`); }
  else if (cls === 4) parts.push(choice(abi.BPF_SRC, rest & 8), choice(abi.BPF_OP_ALU, rest & 0xf0));
  else if (cls === 5) parts.push(choice(abi.BPF_SRC, rest & 8), choice(abi.BPF_OP_JMP, rest & 0xf0));
  else if (cls === 6) parts.push(choice(abi.BPF_RVAL, rest & 0x18));
  else parts.push(choice(abi.BPF_MISCOP, rest & 0xf8));
  return parts.join('|');
}

/** One instruction of a seccomp filter; returns are decoded as seccomp actions. */
export function bpfInstruction(code: number, jt: number, jf: number, k: number): string {
  if ((code & 7) === 6 && (code & 0x18) === 0) {
    const action = RET_ACTIONS.entries.find(([, v]) => v === (k & abi.SECCOMP_RET_ACTION_FULL) >>> 0);
    const data = k & abi.SECCOMP_RET_DATA;
    const text = action ? `${action[0]}${data === 0 ? '' : `|${hexNumber(data)}`}` : `${hexNumber(k)} /* SECCOMP_RET_??? */`;
    return `BPF_STMT(${codeText(code)}, ${text})`;
  }
  if ((code & 7) === 5) return `BPF_JUMP(${codeText(code)}, ${hexNumber(k)}, ${hexNumber(jt)}, ${hexNumber(jf)})`;
  return `BPF_STMT(${codeText(code)}, ${hexNumber(k)})`;
}
