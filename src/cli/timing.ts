// What needs debug information or charts, in a bundle of its own (dist/timing.js): `run` and `strace` start without.
export { runChart } from './chart';
export { traceStacks } from './stacks';
export { runStat } from './stat';
export { runEngineStat } from './engine_stat';
