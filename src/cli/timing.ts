// The commands that measure, in a bundle of their own (dist/timing.js): `run` and `strace` start without charts and debug information.
export { runChart } from './chart';
export { runStat } from './stat';
