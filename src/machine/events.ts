// One event stream for many listeners: the kernel tells the machine, the machine tells the trace, the debugger and the log, in the order of listening.
import type { EventSink } from '../kernel/arch/x86/ports';

export type { EventSink };

/** Calls each listener that wants the event. */
export class EventFan implements EventSink {
  private readonly listeners: Partial<EventSink>[] = [];

  /** Adds a listener; the result takes it away again. */
  listen(listener: Partial<EventSink>): () => void {
    this.listeners.push(listener);
    return () => {
      const at = this.listeners.indexOf(listener);
      if (at >= 0) this.listeners.splice(at, 1);
    };
  }

  syscallEnter: EventSink['syscallEnter'] = (...facts) => { for (const l of this.listeners) l.syscallEnter?.(...facts); };
  syscallExit: EventSink['syscallExit'] = (...facts) => { for (const l of this.listeners) l.syscallExit?.(...facts); };
  signal: EventSink['signal'] = (...facts) => { for (const l of this.listeners) l.signal?.(...facts); };
  exit: EventSink['exit'] = (...facts) => { for (const l of this.listeners) l.exit?.(...facts); };
  fork: EventSink['fork'] = (...facts) => { for (const l of this.listeners) l.fork?.(...facts); };
  exec: EventSink['exec'] = (...facts) => { for (const l of this.listeners) l.exec?.(...facts); };
  switch: EventSink['switch'] = (...facts) => { for (const l of this.listeners) l.switch?.(...facts); };
  fault: EventSink['fault'] = (...facts) => { for (const l of this.listeners) l.fault?.(...facts); };
  vdso: EventSink['vdso'] = (...facts) => { for (const l of this.listeners) l.vdso?.(...facts); };
  notice: EventSink['notice'] = (...facts) => { for (const l of this.listeners) l.notice?.(...facts); };
}
