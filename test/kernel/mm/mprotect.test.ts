import assert from 'node:assert/strict';
import { Errno } from '../../../src/abi/errno';
import { task_struct } from '../../../src/kernel/kernel/types';
import { syscallsByName } from '../../../src/kernel/syscall_table';

describe('kernel/mm/mprotect', () => {
  const call = (name: string, args: Record<string, number>): unknown => syscallsByName.get(name)?.handler?.(task_struct.make({}), args);

  it('there is no protection key to be had, as Linux says of such a processor', () => {
    const answers = [{ flags: 0, access_rights: 0 }, { flags: 1, access_rights: 0 }, { flags: 0, access_rights: 4 }].map(args => call('pkey_alloc', args));
    assert.deepEqual(answers.map(answer => answer instanceof Errno ? answer.name : answer), ['EINVAL', 'EINVAL', 'EINVAL']);
  });
});
