// loadedSources: every source file that the loaded modules name.
import { request } from '../request';

export default request<unknown, unknown>('loadedSources', session => {
  const { modules, target, sourceMap } = session.debugger;
  const files = new Set(modules.of(target.currentPid).filter(m => !m.isKernel).flatMap(m => (m.symbols?.sources() ?? []).map(s => sourceMap.toLocal(s.file, m.path))));
  return { sources: [...files].sort().map(file => ({ name: file.slice(file.lastIndexOf('/') + 1), path: file })) };
}, { supportsLoadedSourcesRequest: true });
