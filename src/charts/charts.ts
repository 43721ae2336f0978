// The registry: every chart there is, in the order in which a picker shows them.
import anatomy from './anatomy';
import type { Chart } from './chart';
import distribution from './distribution';
import timeline from './timeline';
import vdso from './vdso';

export const charts: readonly Chart[] = [timeline, distribution, vdso, anatomy];

export const findChart = (id: string): Chart | undefined => charts.find(chart => chart.id === id);
