// What a kernel function gives back besides its value: an Errno, or Block when the caller must sleep and be called again from the top.
import type { long } from '../abi/c_types';
import { Errno } from '../abi/errno';

/** The call cannot go on now; who returns this has queued the task with block() of kernel/wait.ts. There is one such value. */
export interface Block { readonly blocked: true }
export const BLOCK: Block = { blocked: true };

/** What a system call handler returns. */
export type SyscallResult = long | bigint | Errno | Block;

/** True for an Errno or Block: what a caller hands on to its own caller. */
export function failed(value: unknown): value is Errno | Block {
  return value === BLOCK || value instanceof Errno;
}

export function isBlock(value: unknown): value is Block {
  return value === BLOCK;
}
