// null, zero, full, random, urandom. Linux: drivers/char/mem.c, drivers/char/random.c.
import { ENOSPC } from '../../../abi/errno';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { makedev } from '../../../abi/stat';
import { ops } from '../../kobject';
import { shared_anonymous_vm_ops } from '../../mm/mmap';
import { PAGE_SIZE, VM_SHARED, shared_pages, type vm_area_struct } from '../../mm/types';
import { kernel, ports } from '../../state';
import { register_chrdev } from '../char_dev';
import { copy_to_iter, iov_iter_advance, type iov_iter } from '../iov_iter';
import type { file, Result } from '../types';

const always = (): number => POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
const null_lseek = (file: file): number => {
  file.f_pos = 0;
  return 0;
};

function write_null(_file: file, from: iov_iter): number {
  const { count } = from;
  iov_iter_advance(from, count);
  return count;
}

/** Never written to. */
const ZEROES = new Uint8Array(65536);

function read_zero(_file: file, to: iov_iter): Result<number> {
  let done = 0;
  while (to.count > 0) {
    const copied = copy_to_iter(to.count < ZEROES.length ? ZEROES.subarray(0, to.count) : ZEROES, to);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    if (copied === 0) break;
    done += copied;
  }
  return done;
}

function read_random(_file: file, to: iov_iter): Result<number> {
  let done = 0;
  while (to.count > 0) {
    const bytes = new Uint8Array(Math.min(to.count, 4096));
    ports().entropy.fill(bytes);
    const copied = copy_to_iter(bytes, to);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    if (copied === 0) break;
    done += copied;
  }
  return done;
}

export const null_fops = ops('null_fops', { name: 'null_fops', llseek: null_lseek, read_iter: (): number => 0, write_iter: write_null });
/** Private mappings are anonymous memory, shared ones share it. Linux: mmap_zero(), shmem_zero_setup() */
function mmap_zero(_file: file, vma: vm_area_struct): null {
  if ((vma.vm_flags & VM_SHARED) !== 0) {
    vma.vm_pgoff = 0;
    vma.vm_private_data = shared_pages.make({ users: 1, nr_pages: (vma.vm_end - vma.vm_start) / PAGE_SIZE, ino: kernel.next_ino++ });
    vma.vm_ops = shared_anonymous_vm_ops;
  }
  return null;
}

const zero_fops = ops('zero_fops', { name: 'zero_fops', llseek: null_lseek, read_iter: read_zero, write_iter: write_null, mmap: mmap_zero });
const full_fops = ops('full_fops', { name: 'full_fops', llseek: null_lseek, read_iter: read_zero, write_iter: () => ENOSPC.because('/dev/full is always full') });
const random_fops = ops('random_fops', { name: 'random_fops', llseek: null_lseek, read_iter: read_random, write_iter: write_null, poll: always });

export const NULL_DEV = makedev(1, 3);
register_chrdev(NULL_DEV, null_fops);
register_chrdev(makedev(1, 5), zero_fops);
register_chrdev(makedev(1, 7), full_fops);
register_chrdev(makedev(1, 8), random_fops);
register_chrdev(makedev(1, 9), random_fops);
