// modules: the ELF files that the current task has mapped, the vDSO and the kernel image among them.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { hex } from '../session';

export default request<DebugProtocol.ModulesArguments, unknown>('modules', (session, { startModule = 0, moduleCount }) => {
  const { modules, target } = session.debugger;
  const all = modules.of(target.currentPid);
  const shown = all.slice(startModule, moduleCount ? startModule + moduleCount : undefined);
  return {
    modules: shown.map(m => ({ id: m.path, name: m.name, path: m.path, symbolStatus: m.symbols?.hasLines ? 'Symbols with lines' : m.symbols ? 'ELF symbols only' : 'No symbols', addressRange: `${hex(m.start)}-${hex(m.end)}` })),
    totalModules: all.length,
  };
}, { supportsModulesRequest: true });
