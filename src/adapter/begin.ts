// The first run of a launched program: to its main when the person asked to stop there.
import type { Session } from './session';

export function begin(session: Session): void {
  const { config, launched, debugger: core } = session;
  if (config?.noDebug) core.forgetBreakpoints();
  if (config?.stopOnEntry && !config.noDebug && launched) core.continueToMain(launched.programPath);
  else core.continue();
  session.go();
}
