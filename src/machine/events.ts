// One event stream for many listeners: the kernel tells the machine, the machine tells the trace, the debugger and the log, in the order of listening.
import type { EventSink } from '../kernel/arch/x86/ports';

export type { EventSink };

export interface Listener extends Partial<EventSink> {
  /** What was told of the time after this moment never happens. */
  forgetFuture?(): void;
}

type Frequent = Pick<EventSink, 'syscallEnter' | 'syscallExit' | 'vdso' | 'fault'>;
interface Told { readonly first: Frequent; readonly second: Frequent; readonly third: Frequent; readonly others: readonly Frequent[] }
const DEAF: Frequent = { syscallEnter: () => undefined, syscallExit: () => undefined, vdso: () => undefined, fault: () => undefined };
const NOBODY: Told = { first: DEAF, second: DEAF, third: DEAF, others: [] };

/** Those that want the event. */
function told(audience: readonly Listener[], event: keyof Frequent): Told {
  const [first = DEAF, second = DEAF, third = DEAF, ...others] = audience.filter(listener => listener[event]) as Frequent[];
  return { first, second, third, others };
}

/** Calls each listener that wants the event. */
export class EventFan implements EventSink {
  private readonly listeners: Listener[] = [];
  private readonly watchers: Listener[] = [];
  /** Who is told now, in the order of listening. */
  private audience: readonly Listener[] = this.listeners;
  /** What comes a million times a second goes to those who want it, the first ones by calls of their own: the engine sees what each of these calls, and puts it in place. */
  private enters: Told = NOBODY;
  private exits: Told = NOBODY;
  private vdsos: Told = NOBODY;
  private faults: Told = NOBODY;

  /** Adds a listener that hears of everything once; the result takes it away again. */
  listen(listener: Listener): () => void {
    this.listeners.push(listener);
    this.tell(this.audience);
    return () => {
      remove(this.listeners, listener);
      this.tell(this.audience);
    };
  }

  /** Adds a listener that hears of everything whenever it happens, also while a run is repeated. */
  watch(listener: Listener): () => void {
    const stop = this.listen(listener);
    this.watchers.push(listener);
    this.tell(this.audience);
    return () => {
      remove(this.watchers, listener);
      stop();
    };
  }

  /** What happens from now on has happened before: only those who watch are told. */
  setReplaying(isReplaying: boolean): void {
    this.tell(isReplaying ? this.watchers : this.listeners);
  }

  /** What happens has happened before: those who watch are told, and these. */
  replayTo(audience: readonly Listener[]): void {
    this.tell([...this.watchers, ...audience]);
  }

  forgetFuture(): void {
    for (const l of this.listeners) l.forgetFuture?.();
  }

  private tell(audience: readonly Listener[]): void {
    this.audience = audience;
    this.enters = told(audience, 'syscallEnter');
    this.exits = told(audience, 'syscallExit');
    this.vdsos = told(audience, 'vdso');
    this.faults = told(audience, 'fault');
  }

  syscallEnter: EventSink['syscallEnter'] = (pid, nr, abi, args) => {
    const { first, second, third, others } = this.enters;
    first.syscallEnter(pid, nr, abi, args);
    second.syscallEnter(pid, nr, abi, args);
    third.syscallEnter(pid, nr, abi, args);
    for (let i = 0; i < others.length; i++) others[i]?.syscallEnter(pid, nr, abi, args);
  };
  syscallExit: EventSink['syscallExit'] = (pid, nr, ret, because, cost) => {
    const { first, second, third, others } = this.exits;
    first.syscallExit(pid, nr, ret, because, cost);
    second.syscallExit(pid, nr, ret, because, cost);
    third.syscallExit(pid, nr, ret, because, cost);
    for (let i = 0; i < others.length; i++) others[i]?.syscallExit(pid, nr, ret, because, cost);
  };
  vdso: EventSink['vdso'] = (call, instructions) => {
    const { first, second, third, others } = this.vdsos;
    first.vdso(call, instructions);
    second.vdso(call, instructions);
    third.vdso(call, instructions);
    for (let i = 0; i < others.length; i++) others[i]?.vdso(call, instructions);
  };
  fault: EventSink['fault'] = (pid, address, errorCode, startNs) => {
    const { first, second, third, others } = this.faults;
    first.fault(pid, address, errorCode, startNs);
    second.fault(pid, address, errorCode, startNs);
    third.fault(pid, address, errorCode, startNs);
    for (let i = 0; i < others.length; i++) others[i]?.fault(pid, address, errorCode, startNs);
  };
  signal: EventSink['signal'] = (...facts) => { for (const l of this.audience) l.signal?.(...facts); };
  exit: EventSink['exit'] = (...facts) => { for (const l of this.audience) l.exit?.(...facts); };
  fork: EventSink['fork'] = (...facts) => { for (const l of this.audience) l.fork?.(...facts); };
  exec: EventSink['exec'] = (...facts) => { for (const l of this.audience) l.exec?.(...facts); };
  superseded: EventSink['superseded'] = (...facts) => { for (const l of this.audience) l.superseded?.(...facts); };
  stopped: EventSink['stopped'] = (...facts) => { for (const l of this.audience) l.stopped?.(...facts); };
  switch: EventSink['switch'] = (...facts) => { for (const l of this.audience) l.switch?.(...facts); };
  notice: EventSink['notice'] = (...facts) => { for (const l of this.audience) l.notice?.(...facts); };
}

function remove<T>(items: T[], item: T): void {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}
