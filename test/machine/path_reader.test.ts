// Strings of a task's memory, against its memory as the log reads it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { GuestPages } from '../../src/machine/physical_pages';
import { PathReader } from '../../src/machine/path_reader';
import { launchJourney } from './journeys';

describe('paths of calls', () => {
  it('are the strings that are there: at page ends, over them, in pages not yet there, and where there is nothing', () => {
    const program = path.resolve('test/programs/time/files.elf'), { session } = launchJourney({ name: 'files', program, args: ['/some/path', '', 'x'.repeat(5000)], input: [] });
    const { machine, logSource } = session, pid = machine.parts.facts.currentPid(), memory = logSource.memory(pid), target = session.target();
    const paths = new PathReader(machine.parts.ports.phys, logSource);
    assert.ok(machine.parts.ports.phys instanceof GuestPages);
    machine.run(2000);
    const expected = (address: number): string | null => {
      const bytes = memory.read(address, 4096);
      return bytes && Buffer.from(bytes).toString('latin1').split('\0')[0] as string;
    };
    const places = target.mappings(pid).flatMap(({ start, end }) => [Number(start), Number(end) - 1, Number(end) - 7, Number(end), Number(start) + 4095, Number(start) + 4090, Number(start) - 1]);
    const stack = Number(machine.parts.core.registers.get('rsp'));
    let long = 0, empty = 0, nothing = 0;
    for (const address of [...places, ...Array.from({ length: 3000 }, (_, i) => stack + i * 3), 0, 2 ** 47, 2 ** 63]) {
      for (let twice = 0; twice < 2; twice++) {
        const text = paths.read(pid, address);
        assert.equal(text, expected(address), `at 0x${address.toString(16)}`);
        if (text !== null && text.length < 20 && address % 4096 < 4000 && address > stack) assert.ok(paths.isAt(pid, address, text), `at 0x${address.toString(16)}`);
        for (const other of [`${text ?? ''}x`, (text ?? 'xx').slice(1), (text ?? 'x').replace(/^./, '~')]) if (other !== text) assert.ok(!paths.isAt(pid, address, other));
        if (text === null) nothing++;
        else if (text === '') empty++;
        else if (text.length > 4000) long++;
      }
    }
    assert.ok(long > 0 && empty > 0 && nothing > 0, `${long} ${empty} ${nothing}`);
  });
});
