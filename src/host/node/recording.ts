// Recordings on this computer's disk, compressed with gzip, whose checksum tells of damage.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../../base/errors';
import type { Recording } from '../../machine/recording';
import { decodeRecording, encodeRecording } from '../../machine/recording_file';

const GZIP = [0x1f, 0x8b];

/** How many bytes the file has. Throws UserError. */
export function writeRecording(path: string, recording: Recording): number {
  const bytes = gzipSync(encodeRecording(recording), { level: 9 });
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return bytes.length;
}

/** Throws UserError. */
export function readRecording(path: string): Recording {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!GZIP.every((byte, i) => bytes[i] === byte)) throw new UserError(`${path} is not a recording`);
  let text: Buffer;
  try {
    text = gunzipSync(bytes);
  } catch (error) {
    throw new UserError(`${path} is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
  return decodeRecording(text, path);
}
