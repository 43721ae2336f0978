// The machine's memory of what the host answered: a question asked again gets the first answer, whatever has happened to the host since.
// So a run that goes back in time, or is run again, reads what it read before.
import type { HostFiles, HostStat } from './host';

type Entry = { name: string; type: number; ino: number };

/** Host files whose answers are kept. Pending answers are not: they are asked again. */
export class RecordedFiles implements HostFiles {
  private readonly answers = new Map<string, unknown>();
  private readonly host: HostFiles;

  constructor(host: HostFiles) {
    this.host = host;
  }

  lstat(root: string, path: string): ReturnType<HostFiles['lstat']> {
    return this.once<HostStat | number | 'pending'>(`s\0${root}\0${path}`, () => this.host.lstat(root, path));
  }

  readlink(root: string, path: string): ReturnType<HostFiles['readlink']> {
    return this.once<string | number | 'pending'>(`l\0${root}\0${path}`, () => this.host.readlink(root, path));
  }

  readdir(root: string, path: string): ReturnType<HostFiles['readdir']> {
    return this.once<Entry[] | number | 'pending'>(`d\0${root}\0${path}`, () => this.host.readdir(root, path));
  }

  read(root: string, path: string, offset: number, length: number): ReturnType<HostFiles['read']> {
    return this.once<Uint8Array | number | 'pending'>(`r\0${root}\0${path}\0${offset}\0${length}`, () => this.host.read(root, path, offset, length));
  }

  private once<T>(question: string, ask: () => T): T {
    const known = this.answers.get(question);
    if (known !== undefined) return known as T;
    const answer = ask();
    if (answer !== 'pending') this.answers.set(question, answer);
    return answer;
  }
}
