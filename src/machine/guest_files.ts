// The guest's files for the people outside: what it wrote and what a path holds. The guest does not notice.
import { collect_written_files } from '../kernel/fs/overlayfs/overlay';
import { filemap_kernel_read } from '../kernel/mm/filemap';
import { kernel } from '../kernel/state';
import type { HostFiles } from './host';
import { resolvePath } from './program';

/** A regular file that the guest created or changed, by its absolute path. */
export interface WrittenFile { path: string; size: number; data(): Uint8Array }

export function writtenFiles(): WrittenFile[] {
  const root = kernel.mounts[0]?.mnt_root;
  if (!root) return [];
  return collect_written_files(root).map(({ path, inode }) => ({
    path, size: inode.i_size,
    data() {
      const bytes = filemap_kernel_read(inode, 0, inode.i_size);
      return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
    },
  }));
}

/** The contents of a guest file: as the guest wrote it, else the host's. */
export function readGuestFile(files: HostFiles, root: string, path: string): Uint8Array | null {
  const real = resolvePath(files, root, path);
  const written = writtenFiles().find(file => file.path === path || file.path === real);
  if (written) return written.data();
  if (typeof real === 'number' || real === 'pending') return null;
  const stat = files.lstat(root, real);
  const bytes = typeof stat === 'object' ? files.read(root, real, 0, stat.size) : null;
  return bytes instanceof Uint8Array ? bytes : null;
}
