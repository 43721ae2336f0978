// See run.mjs. Arguments: the kind of calls, how many, and `plain` or `traced`.
import path from 'node:path';
import { launchJourney } from '../../test/machine/journeys';

const [what = '', calls = '', way = ''] = process.argv.slice(2), program = path.resolve('bench/trace/calls.elf');
const { session: { machine } } = launchJourney({ name: program, program, args: [what, calls], input: [] }, {}, 0, made => { if (way === 'traced') made.eventLog(); });
while (machine.run(10_000_000).kind !== 'exited');
