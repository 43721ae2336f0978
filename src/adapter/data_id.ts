// The id of a data breakpoint: its address and size.
import { UserError } from '../base/errors';

export const dataId = (address: bigint, size: number): string => `0x${address.toString(16)}:${size}`;

export function parseDataId(id: string): { address: bigint; size: number } {
  const match = /^(0x[0-9a-f]+):(\d+)$/.exec(id);
  if (!match?.[1]) throw new UserError(`'${id}' is no place of memory`);
  return { address: BigInt(match[1]), size: Number(match[2]) };
}
