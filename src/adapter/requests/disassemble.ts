// disassemble: exactly as many instructions as asked for, with symbols and source lines.
import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { disassemble } from '../../debugger/disassembly';
import { parseAddress } from '../address';
import { request } from '../request';
import { hex } from '../session';

export default request<DebugProtocol.DisassembleArguments, unknown>('disassemble', async (session, { memoryReference, offset, instructionOffset = 0, instructionCount, resolveSymbols }) => {
  const { target, modules, sourceMap, lastStop } = session.stopped;
  const pid = lastStop?.pid ?? target.currentPid;
  const rows = await disassemble(target, modules, pid, parseAddress(memoryReference, offset), instructionOffset, instructionCount);
  let shown = '';
  return {
    instructions: rows.map(row => {
      const instruction: Record<string, unknown> = {
        address: hex(row.address), instructionBytes: Array.from(row.bytes, b => b.toString(16).padStart(2, '0')).join(' '), instruction: row.text,
        symbol: resolveSymbols === false ? undefined : row.symbol, presentationHint: row.isValid ? undefined : 'invalid',
      };
      const module = row.line && modules.at(pid, row.address);
      const key = row.line ? `${row.line.file}:${row.line.line}` : '';
      if (row.line && module && row.line.line > 0 && key !== shown) {
        const file = sourceMap.toLocal(row.line.file, module.path);
        instruction['location'] = { name: path.basename(file), path: file };
        instruction['line'] = session.line(row.line.line);
      }
      shown = key;
      return instruction;
    }),
  };
}, { supportsDisassembleRequest: true });
