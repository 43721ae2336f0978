// One event stream for many listeners: the kernel tells the machine, the machine tells the trace, the debugger and the log, in the order of listening.
import type { EventSink } from '../kernel/arch/x86/ports';

export type { EventSink };

export interface Listener extends Partial<EventSink> {
  /** The only system calls that it is to be told of, by number; absent: all. */
  readonly calls?: ReadonlySet<number>;
  /** What was told of the time after this moment never happens. */
  forgetFuture?(): void;
}

type Frequent = Pick<EventSink, 'syscallEnter' | 'syscallExit' | 'vdso' | 'fault'>;
const DEAF: Frequent = { syscallEnter: () => undefined, syscallExit: () => undefined, vdso: () => undefined, fault: () => undefined };

/** Two that are told in this order. */
const both = (first: Frequent, second: Frequent): Frequent => ({
  syscallEnter: (pid, nr, abi, args) => { first.syscallEnter(pid, nr, abi, args); second.syscallEnter(pid, nr, abi, args); },
  syscallExit: (pid, nr, ret, because, cost) => { first.syscallExit(pid, nr, ret, because, cost); second.syscallExit(pid, nr, ret, because, cost); },
  vdso: (call, instructions) => { first.vdso(call, instructions); second.vdso(call, instructions); },
  fault: (pid, address, errorCode, startNs) => { first.fault(pid, address, errorCode, startNs); second.fault(pid, address, errorCode, startNs); },
});

/** Those that want the event as one; `isTold` leaves some out. */
function told(audience: readonly Listener[], event: keyof Frequent, isTold: (listener: Listener) => boolean = () => true): Frequent {
  const wanting = audience.filter(listener => listener[event] && isTold(listener)) as Frequent[];
  return wanting.length === 0 ? DEAF : wanting.reduceRight((rest, listener) => both(listener, rest));
}

/** More than numbers of system calls are. */
const NUMBERS = 1024;

/** Calls each listener that wants the event. */
export class EventFan implements EventSink {
  /** Events so far, whether anybody was told of them or not; a call's beginning is none, since the entry itself is where it is. */
  told = 0;
  private readonly listeners: Listener[] = [];
  private readonly watchers: Listener[] = [];
  /** Who is told now, in the order of listening. */
  private audience: readonly Listener[] = this.listeners;
  /**
   * What comes a million times a second goes to those who want it, mostly one, by a call that the engine can see through: the less there is in it, the more of the kernel's
   * own functions it puts in place. Calls that some are told of alone have their own audience.
   */
  private enters = DEAF;
  private exits = DEAF;
  private vdsos = DEAF;
  private faults = DEAF;
  private specialEnters = DEAF;
  private specialExits = DEAF;
  /** By number, 1: a call that somebody has named. */
  private readonly special = new Uint8Array(NUMBERS);

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
    const isForAll = ({ calls }: Listener): boolean => calls === undefined;
    this.enters = told(audience, 'syscallEnter', isForAll);
    this.exits = told(audience, 'syscallExit', isForAll);
    this.specialEnters = told(audience, 'syscallEnter');
    this.specialExits = told(audience, 'syscallExit');
    this.vdsos = told(audience, 'vdso');
    this.faults = told(audience, 'fault');
    this.special.fill(0);
    for (const { calls } of audience) for (const nr of calls ?? []) this.special[nr] = 1;
  }

  syscallEnter: EventSink['syscallEnter'] = (pid, nr, abi, args) => { (this.special[nr] === 1 ? this.specialEnters : this.enters).syscallEnter(pid, nr, abi, args); };
  syscallExit: EventSink['syscallExit'] = (pid, nr, ret, because, cost) => { this.told++; (this.special[nr] === 1 ? this.specialExits : this.exits).syscallExit(pid, nr, ret, because, cost); };
  vdso: EventSink['vdso'] = (call, instructions) => { this.told++; this.vdsos.vdso(call, instructions); };
  fault: EventSink['fault'] = (pid, address, errorCode, startNs) => { this.told++; this.faults.fault(pid, address, errorCode, startNs); };
  signal: EventSink['signal'] = (...facts) => { this.told++; for (const l of this.audience) l.signal?.(...facts); };
  exit: EventSink['exit'] = (...facts) => { this.told++; for (const l of this.audience) l.exit?.(...facts); };
  fork: EventSink['fork'] = (...facts) => { this.told++; for (const l of this.audience) l.fork?.(...facts); };
  exec: EventSink['exec'] = (...facts) => { this.told++; for (const l of this.audience) l.exec?.(...facts); };
  superseded: EventSink['superseded'] = (...facts) => { this.told++; for (const l of this.audience) l.superseded?.(...facts); };
  stopped: EventSink['stopped'] = (...facts) => { this.told++; for (const l of this.audience) l.stopped?.(...facts); };
  switch: EventSink['switch'] = (...facts) => { this.told++; for (const l of this.audience) l.switch?.(...facts); };
  notice: EventSink['notice'] = (...facts) => { this.told++; for (const l of this.audience) l.notice?.(...facts); };
}

function remove<T>(items: T[], item: T): void {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}
