// Read-only files of this computer, synchronously, for the guest's lower file system. Paths are byte strings held as latin1.
import fs from 'node:fs';
import type { HostFiles, HostStat } from '../../machine/host';
import { errnoOf } from './errno';

const OPEN_FILES = 32;
/** d_type from the file type bits of st_mode. Linux: IFTODT() in include/linux/fs_types.h */
const typeOf = (mode: number): number => (mode >>> 12) & 15;

/** The bytes of `path` below `root`. */
function hostPath(root: string, path: string): Buffer {
  const bytes = Buffer.from(path, 'latin1');
  return root === '/' ? bytes : Buffer.concat([Buffer.from(root), bytes]);
}

function statOf(path: Buffer): HostStat {
  const s = fs.lstatSync(path, { bigint: true });
  return {
    dev: Number(s.dev), ino: Number(s.ino), mode: Number(s.mode), nlink: Number(s.nlink), uid: Number(s.uid), gid: Number(s.gid), rdev: Number(s.rdev),
    size: Number(s.size), blksize: Number(s.blksize), blocks: Number(s.blocks), mtimeNs: s.mtimeNs, ctimeNs: s.ctimeNs,
  };
}

/** The files of this computer. Keeps a few of them open, since a file is read page by page. */
export class NodeFiles implements HostFiles {
  /** Open descriptors by path, least recently used first. */
  private readonly open = new Map<string, number>();

  lstat(root: string, path: string): HostStat | number {
    return answer(() => statOf(hostPath(root, path)));
  }

  readlink(root: string, path: string): string | number {
    return answer(() => fs.readlinkSync(hostPath(root, path), { encoding: 'buffer' }).toString('latin1'));
  }

  /** In the order of the directory itself: fs.readdir would sort. */
  readdir(root: string, path: string): { name: string; type: number; ino: number }[] | number {
    const folder = hostPath(root, path);
    return answer(() => {
      const found: { name: string; type: number; ino: number }[] = [];
      const slash = folder.length > 0 && folder[folder.length - 1] === 0x2f ? '' : '/';
      const directory = fs.opendirSync(folder, { encoding: 'latin1', bufferSize: 512 });
      for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
        const stat = statIfPresent(Buffer.concat([folder, Buffer.from(slash + entry.name, 'latin1')]));
        if (stat) found.push({ name: entry.name, type: typeOf(stat.mode), ino: stat.ino });
      }
      directory.closeSync();
      return found;
    });
  }

  read(root: string, path: string, offset: number, length: number): Uint8Array | number {
    return answer(() => {
      const fd = this.descriptor(root, path);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = fs.readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done === length ? bytes : bytes.slice(0, done);
    });
  }

  private descriptor(root: string, path: string): number {
    const key = `${root}\0${path}`;
    const known = this.open.get(key);
    if (known !== undefined) {
      this.open.delete(key);
      this.open.set(key, known);
      return known;
    }
    if (this.open.size >= OPEN_FILES) {
      for (const [oldest, fd] of this.open) {
        fs.closeSync(fd);
        this.open.delete(oldest);
        break;
      }
    }
    const fd = fs.openSync(hostPath(root, path), fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    this.open.set(key, fd);
    return fd;
  }
}

/** A file may vanish between the directory's answer and the question about it. */
function statIfPresent(path: Buffer): HostStat | null {
  const stat = answer(() => statOf(path));
  return typeof stat === 'number' ? null : stat;
}

/** What `ask` returns, or the Linux errno of what it threw. */
function answer<T>(ask: () => T): T | number {
  try {
    return ask();
  } catch (error) {
    return errnoOf(error);
  }
}
