// Opens the symbols of an ELF file for modules.ts; a file that is none, or is damaged, has none.
import { FormatError } from '../base/errors';
import { openDebugInfo } from '../dwarf/debug_info';
import { ElfFile } from '../elf/elf';
import type { Inflate } from '../elf/sections';
import type { OpenSymbols } from './modules';
import { ElfSymbolFile } from './symbol_file';

/** `onProblem` is told of each malformed part, once. `inflate`: the host's own, faster than ours. */
export function symbolOpener(onProblem: (sentence: string) => void, inflate?: Inflate): OpenSymbols {
  return (path, contents, readFile) => {
    try {
      const elf = ElfFile.open(contents, false, inflate);
      return new ElfSymbolFile(elf, openDebugInfo(elf, { path, loadFile: readFile, inflate, onProblem: problem => onProblem(`${path}: ${problem.message}`) }));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      onProblem(`${path}: ${error.message}`);
      return undefined;
    }
  };
}
