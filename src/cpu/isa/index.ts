// Every row of the processor: the one list of lists that decoder, engines and tests read.
import { prebuilt } from '../prebuilt';
import { arith } from './arith';
import { bitInstructions } from './bits';
import { control } from './control';
import { knowMnemonics } from './cpuid';
import { far } from './far';
import type { Row, Rows } from './machine';
import { move } from './move';
import { multiplication } from './multiply';
import { shifts } from './shift';
import { simdFloat } from './simd_float';
import { simdInteger } from './simd_integer';
import { simdMove } from './simd_move';
import { simdSpecial } from './simd_special';
import { strings } from './string';
import { system } from './system';
import { x87Rows } from './x87';

/** A row's number counts those of the lists before it. */
export const lists: readonly Rows[] = [arith, move, shifts, bitInstructions, multiplication, strings, control, system, far, simdMove, simdInteger, simdFloat, simdSpecial, x87Rows];

export const allRows = (): readonly Row[] => lists.flatMap(list => list());

/** Each mnemonic, with spaces between them. */
export const mnemonicsOf = (rows: readonly Row[]): string => [...new Set(rows.map(([, mnemonic]) => mnemonic))].join(' ');
knowMnemonics(() => (prebuilt?.mnemonics ?? mnemonicsOf(allRows())).split(' '));
