// See run.mjs: runs a program in the interpreter alone and prints its speed.
import { launchJourney } from '../../test/machine/journeys';

const { session: { machine } } = launchJourney({ name: 'interpreted', program: process.argv[2] ?? '', args: [], input: [] }, { engine: 'interpreter' });
const LENGTH = 60e6, began = performance.now();
while (machine.instructionsRetired < LENGTH && machine.run(LENGTH - machine.instructionsRetired).kind !== 'exited');
console.log(machine.instructionsRetired / (performance.now() - began) / 1e3);
