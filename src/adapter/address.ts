// Addresses as DAP writes them: hexadecimal or decimal text, with an offset in bytes.
import { UserError } from '../base/errors';

export function parseAddress(text: string, offset = 0): bigint {
  if (!/^\s*(0x[0-9a-f]+|\d+)\s*$/i.test(text)) throw new UserError(`'${text}' is not an address`);
  return BigInt.asUintN(64, BigInt(text.trim()) + BigInt(Math.trunc(offset)));
}
