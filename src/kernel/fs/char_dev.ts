// Which operations a device number or a FIFO gets when it is opened. Linux: fs/char_dev.c, fs/inode.c:init_special_inode().
import type { file_operations } from './types';

/** Character devices by their number (makedev), filled at load by the drivers; a whole major by the negative of its number. */
export const chrdevs = new Map<number, file_operations>();

/** `dev`: a device number, or minus a major number: all its minors that no device of its own has. */
export function register_chrdev(dev: number, fops: file_operations): void {
  chrdevs.set(dev, fops);
}

export function chrdev_fops(dev: number): file_operations | null {
  return chrdevs.get(dev) ?? chrdevs.get(-((dev >> 8) & 0xfff)) ?? null;
}

/** What a FIFO is opened with; filled at load by pipe.ts. */
export const special_fops: { fifo: file_operations | null } = { fifo: null };
