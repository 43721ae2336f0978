// How an ioctl opens the other end; filled at load by pty.ts, which imports the ioctls.
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import type { tty_struct } from './types';

export const open_peer: { open?(task: task_struct, master: tty_struct, flags: number): Result<number> } = {};
