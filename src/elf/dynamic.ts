// The dynamic section, as the loader's and the debugger's facts: what a file needs and what it is called. Original: elf.h Elf64_Dyn.
import { ByteReader } from '../base/bytes';
import { DF_1_PIE, DT_FLAGS_1, DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_SONAME } from './constants';
import { stringAt } from './sections';

export interface DynamicEntry { tag: number; value: bigint }

export interface DynamicInfo {
  entries: DynamicEntry[];
  needed: string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  /** DF_1_PIE: an ET_DYN file that is a program. */
  isPie: boolean;
}

/** Decodes the dynamic section; `strings` is .dynstr. */
export function readDynamic(bytes: Uint8Array, strings: Uint8Array): DynamicInfo {
  const reader = new ByteReader(bytes, '.dynamic');
  const info: DynamicInfo = { entries: [], needed: [], isPie: false };
  while (reader.remaining >= 16) {
    const tag = Number(reader.i64()), value = reader.u64();
    if (tag === DT_NULL) break;
    info.entries.push({ tag, value });
    const text = (): string => stringAt(strings, Number(value));
    if (tag === DT_NEEDED) info.needed.push(text());
    else if (tag === DT_SONAME) info.soname = text();
    else if (tag === DT_RPATH) info.rpath = text();
    else if (tag === DT_RUNPATH) info.runpath = text();
    else if (tag === DT_FLAGS_1) info.isPie = (Number(value) & DF_1_PIE) !== 0;
  }
  return info;
}
