// What next, stepIn and stepOut have in common.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StepKind } from '../debugger/stepping';
import { Answer } from './request';
import type { Session } from './session';

export function step(session: Session, pid: number, kind: StepKind, granularity: DebugProtocol.SteppingGranularity = 'statement'): Answer<undefined> {
  const core = session.stopped;
  return new Answer(undefined, () => {
    core.step(pid, { kind, granularity: granularity === 'instruction' ? 'instruction' : 'line' });
    session.go();
  });
}
