// A recording as bytes, before compression: a mark, a version, the text of its values, then the contents of files. Contents that are part of a longer file
// that is there stand once. Not here: compression and the disk (host/node/recording.ts).
import { UserError } from '../base/errors';
import type { Recording } from './recording';

const MARK = 'RINGSIDE';
const VERSION = 1;
const HEAD = MARK.length + 8;

export function encodeRecording(recording: Recording): Uint8Array {
  const blobs = new Blobs();
  const wholes = new Map<string, { bytes: Uint8Array; at: number }>();
  const reads = recording.inputs.answers.flatMap(([question, { answer }]) => question.startsWith('r\0') && answer instanceof Uint8Array ? [{ question, bytes: answer }] : []);
  for (const { question, bytes } of reads.sort((a, b) => b.bytes.length - a.bytes.length)) {
    const [, root, path, offset] = question.split('\0');
    const key = `${root}\0${path}`, whole = wholes.get(key), start = Number(offset);
    if (whole && isPart(whole.bytes, start, bytes)) blobs.alias(bytes, whole.at + start);
    else {
      const at = blobs.add(bytes);
      if (!whole && start === 0) wholes.set(key, { bytes, at });
    }
  }
  const text = JSON.stringify(recording, (_, value: unknown) => {
    if (typeof value === 'bigint') return { $n: String(value) };
    if (value === Infinity) return { $n: 'Infinity' };
    if (value instanceof Uint8Array) return { $b: [blobs.add(value), value.length] };
    return value;
  }).replace(/[\u0080-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const out = new Uint8Array(HEAD + text.length + blobs.length);
  const view = new DataView(out.buffer);
  for (let i = 0; i < MARK.length; i++) out[i] = MARK.charCodeAt(i);
  view.setUint32(MARK.length, VERSION, true);
  view.setUint32(MARK.length + 4, text.length, true);
  for (let i = 0; i < text.length; i++) out[HEAD + i] = text.charCodeAt(i);
  blobs.copyTo(out, HEAD + text.length);
  return out;
}

/** Throws UserError, with `name` as the file's. */
export function decodeRecording(bytes: Uint8Array, name: string): Recording {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD || latin1(bytes.subarray(0, MARK.length)) !== MARK) throw new UserError(`${name} is not a recording`);
  const version = view.getUint32(MARK.length, true);
  if (version > VERSION) throw new UserError(`${name} is a recording of format ${version}, which a newer Ringside made; this one reads format ${VERSION}`);
  if (version !== VERSION) throw new UserError(`${name} is a recording of format ${version}; this Ringside reads format ${VERSION}: record the program again`);
  const blobAt = HEAD + view.getUint32(MARK.length + 4, true);
  if (blobAt > bytes.length) throw new UserError(`${name} is damaged: its end is missing`);
  try {
    return JSON.parse(latin1(bytes.subarray(HEAD, blobAt)), (_, value: unknown) => revive(value, bytes, blobAt)) as Recording;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw new UserError(`${name} is damaged: ${error.message}`);
    throw error;
  }
}

function revive(value: unknown, bytes: Uint8Array, blobAt: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$n' in value) return value.$n === 'Infinity' ? Infinity : BigInt(String(value.$n));
  if (!('$b' in value) || !Array.isArray(value.$b)) return value;
  const [at, length] = value.$b as [number, number];
  if (blobAt + at + length > bytes.length) throw new RangeError('its end is missing');
  return bytes.slice(blobAt + at, blobAt + at + length);
}

/** Byte strings one after the other; the same one twice stands once. */
class Blobs {
  length = 0;
  private readonly places = new Map<Uint8Array, number>();
  private readonly parts: { at: number; bytes: Uint8Array }[] = [];

  add(bytes: Uint8Array): number {
    const known = this.places.get(bytes);
    if (known !== undefined) return known;
    const at = this.length;
    this.places.set(bytes, at);
    this.parts.push({ at, bytes });
    this.length += bytes.length;
    return at;
  }

  alias(bytes: Uint8Array, at: number): void { this.places.set(bytes, at); }

  copyTo(out: Uint8Array, start: number): void { for (const { at, bytes } of this.parts) out.set(bytes, start + at); }
}

function isPart(whole: Uint8Array, start: number, part: Uint8Array): boolean {
  if (start + part.length > whole.length) return false;
  for (let i = 0; i < part.length; i++) if (whole[start + i] !== part[i]) return false;
  return true;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}
