// Read-only files of this computer, synchronously, for the guest's lower file system. Paths are byte strings held as latin1.
import fs from 'node:fs';
import type { HostFiles, HostStat } from '../../machine/host';
import { errnoOf } from './errno';

const OPEN_FILES = 32;
/** Who lists a folder looks at its files next, as a rule: what was found out for that is told so long. */
const LISTED_SECONDS = 1;
/** d_type from the file type bits of st_mode. Linux: IFTODT() in include/linux/fs_types.h */
const typeOf = (mode: number): number => (mode >>> 12) & 15;

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/** The bytes of `path` below `root`; a string where that says the same. */
function hostPath(root: string, path: string): string | Buffer {
  if (isAscii(path)) return root === '/' ? path : root + path;
  const bytes = Buffer.from(path, 'latin1');
  return root === '/' ? bytes : Buffer.concat([Buffer.from(root), bytes]);
}

function statOf(path: string | Buffer): HostStat {
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
  /** Of the files in the folder that was listed last, by path. */
  private listed = new Map<string, HostStat>();
  private listedAt = 0;

  lstat(root: string, path: string): HostStat | number {
    const listed = this.listed.get(`${root}\0${path}`);
    if (listed && process.uptime() - this.listedAt < LISTED_SECONDS) return listed;
    return answer(() => statOf(hostPath(root, path)));
  }

  readlink(root: string, path: string): string | number {
    return answer(() => fs.readlinkSync(hostPath(root, path), { encoding: 'latin1' }));
  }

  /** In the order of the directory itself: fs.readdir would sort. */
  readdir(root: string, path: string): { name: string; type: number; ino: number }[] | number {
    return answer(() => {
      const found: { name: string; type: number; ino: number }[] = [], listed = new Map<string, HostStat>(), folder = path.endsWith('/') ? path : `${path}/`;
      const directory = fs.opendirSync(hostPath(root, path), { encoding: 'latin1', bufferSize: 512 });
      for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
        const file = folder + entry.name, stat = statIfPresent(hostPath(root, file));
        if (!stat) continue;
        found.push({ name: entry.name, type: typeOf(stat.mode), ino: stat.ino });
        listed.set(`${root}\0${file}`, stat);
      }
      directory.closeSync();
      this.listed = listed;
      this.listedAt = process.uptime();
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
function statIfPresent(path: string | Buffer): HostStat | null {
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
