// Decoded code that outlives its processor: the pages of one run, written so that the next processor of the same build takes them over as they stand.
// Records keep their addresses, so that nothing is computed when they are read. What a page was decoded from is kept beside it, and compared to the byte
// before it is used.
import { PAGE_SIZE, RECORD, RECORDS, RECORD_BYTES } from './layout';
import { PSEUDO } from './handlers';

export interface KeptPage {
  readonly linearLow: number; readonly linearHigh: number;
  /** The page's bytes. */
  readonly content: Uint8Array;
  /** The first bytes of the next linear page, where an instruction goes over the end of this one; else empty. */
  readonly tail: Uint8Array;
  /** [start, end) pairs of record addresses. */
  readonly ranges: Int32Array;
  /** The records whose `link` is one, by address. */
  readonly links: Int32Array;
}

export interface KeptCode {
  readonly pages: readonly KeptPage[];
  /** All records; the first lies at RECORDS. */
  readonly image: Uint8Array;
  /** For each record, CodePage.targets of its instruction. */
  readonly targets: Uint8Array;
  /** Encoding number and key of the forms with handlers that not every processor has from the start, in the order of their handlers. */
  readonly forms: readonly (readonly [encoding: number, key: number])[];
  /** The handlers, of those that every processor has, that the records name. */
  readonly met: readonly number[];
  /** What translator/kept_regions.ts has written. */
  readonly regions: Uint8Array;
}

/** A page to be written: its records are in `image`, the first at RECORDS. */
export interface PageToKeep { readonly page: KeptPage; readonly image: Uint8Array; handlerAt(record: number): number; targetAt(record: number): number }

/** Bytes of the next page that an instruction can take. */
export const TAIL_BYTES = 16;

// A file: the header, a directory of the pages, then each of these for all pages one after the other: ranges, links; then forms and met; then the bytes; then
// the regions.
const MAGIC = 0x45444f43, HEADER_WORDS = 8, DIRECTORY_WORDS = 5, REGION_BYTES = 7;

/** What writeCode() wrote; null when it is none of that. */
export function readCode(file: Uint8Array): KeptCode | null {
  const bytes = file.byteOffset % 4 === 0 ? file : file.slice();
  if (bytes.length < HEADER_WORDS * 4) return null;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const [magic, pageCount, rangeCount, linkCount, formCount, metCount, imageBytes, regionBytes] = words as unknown as [number, number, number, number, number, number, number, number];
  if (magic !== MAGIC) return null;
  let at = HEADER_WORDS;
  const take = (count: number): Int32Array => words.subarray(at, at += count);
  const directory = take(pageCount * DIRECTORY_WORDS), ranges = take(rangeCount), links = take(linkCount), forms = take(formCount * 2), met = take(metCount);
  const tails = at * 4, contents = tails + pageCount * TAIL_BYTES, image = contents + pageCount * PAGE_SIZE, targets = image + imageBytes;
  const regions = targets + imageBytes / RECORD_BYTES;
  if (regions + regionBytes !== bytes.length) return null;
  const pages: KeptPage[] = [];
  let range = 0, link = 0;
  for (let i = 0; i < pageCount; i++) {
    const [low, high, tailBytes, rangeEnd, linkEnd] = directory.subarray(i * DIRECTORY_WORDS) as unknown as [number, number, number, number, number];
    const part = (from: number, size: number, length = size): Uint8Array => bytes.subarray(from + i * size, from + i * size + length);
    pages.push({
      linearLow: low >>> 0, linearHigh: high >>> 0, tail: part(tails, TAIL_BYTES, tailBytes), content: part(contents, PAGE_SIZE),
      ranges: ranges.subarray(range, range = rangeEnd), links: links.subarray(link, link = linkEnd),
    });
  }
  return { pages, image: bytes.subarray(image, targets), targets: bytes.subarray(targets, regions), regions: bytes.subarray(regions), forms: Array.from({ length: formCount }, (_, i) => [forms[i * 2] as number, forms[i * 2 + 1] as number]), met: Array.from(met) };
}

/**
 * Moves the records of the pages together, in the order in which they stand, so that what has no gaps stays where it is, and writes all down; `regions` writes those
 * when it is known where the records are.
 */
export function writeCode(kept: readonly PageToKeep[], forms: KeptCode['forms'], met: readonly number[], regions: (whereIs: (record: number) => number) => Uint8Array): Uint8Array {
  const pages = kept.map(({ page }) => page);
  const total = (of: (page: KeptPage) => number): number => pages.reduce((sum, page) => sum + of(page), 0);
  const imageBytes = total(({ ranges }) => bytesOf(ranges)), rangeCount = total(({ ranges }) => ranges.length), linkCount = total(({ links }) => links.length);
  const head = HEADER_WORDS + pages.length * DIRECTORY_WORDS + rangeCount + linkCount + forms.length * 2 + met.length;
  const file = new Uint8Array(head * 4 + pages.length * (TAIL_BYTES + PAGE_SIZE) + imageBytes + imageBytes / RECORD_BYTES), words = new Int32Array(file.buffer, 0, file.length >> 2);
  words.set([MAGIC, pages.length, rangeCount, linkCount, forms.length, met.length, imageBytes]);
  let at = HEADER_WORDS, rangeEnd = 0, linkEnd = 0;
  for (const { linearLow, linearHigh, tail, ranges, links } of pages) {
    words.set([linearLow, linearHigh, tail.length, rangeEnd += ranges.length, linkEnd += links.length], at);
    at += DIRECTORY_WORDS;
  }
  const rangesAt = at, linksAt = at + rangeCount;
  words.set(forms.flat(), linksAt + linkCount);
  words.set(met, linksAt + linkCount + forms.length * 2);

  let place = head * 4;
  const put = (size: number, of: (page: KeptPage) => Uint8Array): void => {
    for (const page of pages) { file.set(of(page), place); place += size; }
  };
  put(TAIL_BYTES, page => page.tail);
  put(PAGE_SIZE, page => page.content);

  const image = { bytes: file.subarray(place, place + imageBytes), words: words.subarray(place >> 2), targets: file.subarray(place + imageBytes) };
  let range = rangesAt, link = linksAt;
  const whereIs = placesOf(pages);
  for (const each of kept) {
    const moved = moveRecords(each, image, whereIs);
    words.set(moved.ranges, range);
    words.set(moved.links, link);
    range += moved.ranges.length;
    link += moved.links.length;
  }
  const translated = regions(whereIs);
  words[REGION_BYTES] = translated.length;
  const all = new Uint8Array(file.length + translated.length);
  all.set(file);
  all.set(translated, file.length);
  return all;
}

/** Where each record of the pages will be; 0: nowhere. */
function placesOf(pages: readonly KeptPage[]): (record: number) => number {
  const ranges = pages.flatMap(({ ranges }) => Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[2 * i] as number, ranges[2 * i + 1] as number] as const)).sort(([a], [b]) => a - b);
  const places = new Int32Array(((ranges.at(-1)?.[1] ?? RECORDS) - RECORDS) / RECORD_BYTES);
  let next = RECORDS;
  for (const [start, end] of ranges) for (let record = start; record < end; record += RECORD_BYTES, next += RECORD_BYTES) places[(record - RECORDS) / RECORD_BYTES] = next;
  return record => places[(record - RECORDS) / RECORD_BYTES] ?? 0;
}

/** Copies a page's records to where they will be. */
function moveRecords({ page, image: from, handlerAt, targetAt }: PageToKeep, image: { bytes: Uint8Array; words: Int32Array; targets: Uint8Array }, whereIs: (record: number) => number): Pick<KeptPage, 'ranges' | 'links'> {
  const ranges = new Int32Array(page.ranges.length);
  const handlers = new Uint16Array(image.bytes.buffer, image.bytes.byteOffset, image.bytes.length >> 1);
  for (let i = 0; i < ranges.length; i += 2) {
    const [start, end] = page.ranges.subarray(i) as unknown as [number, number], to = whereIs(start);
    ranges[i] = to;
    ranges[i + 1] = to + end - start;
    image.bytes.set(from.subarray(start - RECORDS, end - RECORDS), to - RECORDS);
    for (let record = start; record < end; record += RECORD_BYTES) {
      const at = whereIs(record) - RECORDS;
      handlers[(at + RECORD.handler) >> 1] = handlerAt(record);
      image.targets[at / RECORD_BYTES] = targetAt(record);
    }
  }
  const links = page.links.map(whereIs);
  for (const record of links) {
    const at = (record - RECORDS + RECORD.link) >> 2;
    image.words[at] = whereIs(image.words[at] as number);
  }
  for (let i = 0; i < ranges.length; i += 2) {
    for (let to = ranges[i] as number; to < (ranges[i + 1] as number); to += RECORD_BYTES) {
      const handler = handlers[(to - RECORDS + RECORD.handler) >> 1], at = (to - RECORDS + RECORD.immediate) >> 2;
      if (handler === PSEUDO.stub) image.words[at] = whereIs(image.words[at] as number);
      // Neither page has been looked at by who reads this.
      else if (handler === PSEUDO.cross) image.words[at] = 0;
    }
  }
  return { ranges, links };
}

/** Bytes of the records in [start, end) pairs. */
export function bytesOf(ranges: Int32Array): number {
  let bytes = 0;
  for (let i = 0; i < ranges.length; i += 2) bytes += (ranges[i + 1] as number) - (ranges[i] as number);
  return bytes;
}
