// "Why is it hanging?" as rows: the sentence, the wait queues, who could wake the task, the deadlock. Not here: finding out (objects/why.ts).
import { UserError } from '../../base/errors';
import { kernel } from '../../kernel/state';
import { kernelValue } from '../objects/kernel_value';
import { summaryOf, taskText } from '../objects/summary';
import { type Describe, whyOf, whyText } from '../objects/why';
import { fact, group, kernelFact, type Fact } from './fact';

/** The answer for one task. */
export function whyFact(pid: number, describe: Describe): Fact {
  const task = kernel.tasks.get(pid);
  if (!task) throw new UserError(`there is no task ${pid}`);
  const why = whyOf(task, describe);
  if (!why) return fact('$why', `${summaryOf(task)}: it does not wait for anything`);
  return group('$why', whyText(task, describe) ?? '', () => [
    fact('waits', why.waits), ...why.wakes.map(text => fact('wakes by', text)),
    ...why.holders.map(holder => group('held by', summaryOf(holder), () => [kernelFact('task', kernelValue(holder), `$task(${holder.pid})`), ...(whyOf(holder) ? [{ ...whyFact(holder.pid, describe), name: 'why it waits' }] : [])])),
    ...why.queues.map(queue => kernelFact('wait queue', kernelValue(queue))),
    ...(why.cycle.length > 0 ? [fact('deadlock', [...why.cycle, task].map(taskText).join(' waits for '), 'nothing outside of these tasks can end the wait')] : []),
  ]);
}
