// One event stream for many listeners: the kernel tells the machine, the machine tells the trace, the debugger and the log, in the order of listening.
import type { EventSink } from '../kernel/arch/x86/ports';

export type { EventSink };

export interface Listener extends Partial<EventSink> {
  /** What was told of the time after this moment never happens. */
  forgetFuture?(): void;
}

/** Calls each listener that wants the event. */
export class EventFan implements EventSink {
  private readonly listeners: Listener[] = [];
  private readonly watchers: Listener[] = [];
  /** Who is told now, in the order of listening. */
  private audience = this.listeners;

  /** Adds a listener that hears of everything once; the result takes it away again. */
  listen(listener: Listener): () => void {
    this.listeners.push(listener);
    return () => {
      const at = this.listeners.indexOf(listener);
      if (at >= 0) this.listeners.splice(at, 1);
    };
  }

  /** Adds a listener that hears of everything whenever it happens, also while a run is repeated. */
  watch(listener: Listener): () => void {
    const stop = this.listen(listener);
    this.watchers.push(listener);
    return () => {
      stop();
      const at = this.watchers.indexOf(listener);
      if (at >= 0) this.watchers.splice(at, 1);
    };
  }

  /** What happens from now on has happened before: only those who watch are told. */
  setReplaying(isReplaying: boolean): void {
    this.audience = isReplaying ? this.watchers : this.listeners;
  }

  /** What happens has happened before: those who watch are told, and these. */
  replayTo(audience: readonly Listener[]): void {
    this.audience = [...this.watchers, ...audience];
  }

  forgetFuture(): void {
    for (const l of this.listeners) l.forgetFuture?.();
  }

  // The two that come a million times a second: without arrays.
  syscallEnter: EventSink['syscallEnter'] = (pid, nr, abi, args) => {
    const { audience } = this;
    for (let i = 0; i < audience.length; i++) audience[i]?.syscallEnter?.(pid, nr, abi, args);
  };
  syscallExit: EventSink['syscallExit'] = (pid, nr, ret, because, cost) => {
    const { audience } = this;
    for (let i = 0; i < audience.length; i++) audience[i]?.syscallExit?.(pid, nr, ret, because, cost);
  };
  signal: EventSink['signal'] = (...facts) => { for (const l of this.audience) l.signal?.(...facts); };
  exit: EventSink['exit'] = (...facts) => { for (const l of this.audience) l.exit?.(...facts); };
  fork: EventSink['fork'] = (...facts) => { for (const l of this.audience) l.fork?.(...facts); };
  exec: EventSink['exec'] = (...facts) => { for (const l of this.audience) l.exec?.(...facts); };
  superseded: EventSink['superseded'] = (...facts) => { for (const l of this.audience) l.superseded?.(...facts); };
  stopped: EventSink['stopped'] = (...facts) => { for (const l of this.audience) l.stopped?.(...facts); };
  switch: EventSink['switch'] = (...facts) => { for (const l of this.audience) l.switch?.(...facts); };
  fault: EventSink['fault'] = (...facts) => { for (const l of this.audience) l.fault?.(...facts); };
  vdso: EventSink['vdso'] = call => { for (const l of this.audience) l.vdso?.(call); };
  notice: EventSink['notice'] = (...facts) => { for (const l of this.audience) l.notice?.(...facts); };
}
