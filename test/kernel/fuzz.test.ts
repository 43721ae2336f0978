// Random calls with random arguments, biased to things that exist: nothing that a guest passes may be an internal error. SEED= replays.
import assert from 'node:assert/strict';
import { syscalls } from '../../src/kernel/syscall';
import { bootHost, call, current, enterNumber, fakeMachine, kernel, passTime } from './fake_machine';

describe('kernel: random calls', () => {
  it('give a result, whatever the arguments', () => {
    let seed = Number(process.env.SEED ?? 20241124);
    const first = seed;
    const random = (n: number): number => {
      seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
      return (Math.imul(seed ^ seed >>> 12, 0x297a2d39) >>> 0) % n;
    };
    const skipped = new Set(['exit', 'exit_group', 'execve', 'execveat', 'kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'rt_sigreturn', 'munmap', 'mremap', 'fork', 'vfork', 'clone', 'clone3']);
    const numbers = [...syscalls.values()].filter(s => s.handler && !skipped.has(s.name)).map(s => s.nr);
    let last = '';
    for (let round = 0; round < 12; round++) {
      const fake = fakeMachine();
      bootHost(fake, `${process.cwd()}/examples/hello_write`);
      const page = call('mmap', 0, 65536, 3, 0x22, -1, 0);
      const values = (): bigint => {
        switch (random(8)) {
          case 0: return BigInt(random(6));
          case 1: return BigInt(page + random(65536));
          case 2: return BigInt(page + random(16) * 4096);
          case 3: return BigInt.asUintN(64, -BigInt(random(200)));
          case 4: return 1n << BigInt(random(64));
          case 5: return 0n;
          case 6: return BigInt(random(0x7fffffff));
          default: return BigInt(current().mm!.start_stack);
        }
      };
      for (let i = 0; i < 1500 && kernel.exit_code < 0; i++) {
        const nr = numbers[random(numbers.length)]!;
        const args = Array.from({ length: 6 }, values);
        last = `SEED=${first}: ${syscalls.get(nr)!.name}(${args.join(', ')})`;
        try {
          if (enterNumber(nr, ...args) === 'idle') {
            if (fake.timerNs === Infinity) break;
            if (passTime(fake) !== 'run') break;
          }
        } catch (error) {
          assert.fail(`${last}\n${(error as Error).stack}`);
        }
      }
    }
  });
});
