// Every row of the processor: the one list that decoder, engines and tests read.
import { arith } from './arith';
import { bitInstructions } from './bits';
import { control } from './control';
import { mnemonics } from './cpuid';
import { far } from './far';
import type { Row } from './machine';
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

export const table: readonly Row[] = [...arith, ...move, ...shifts, ...bitInstructions, ...multiplication, ...strings, ...control, ...system, ...far, ...simdMove, ...simdInteger, ...simdFloat, ...simdSpecial, ...x87Rows];
table.forEach(([, mnemonic]) => mnemonics.add(mnemonic));
