// The XSAVE image: legacy area (FXSAVE64 layout), header, AVX at 576. SDM 1, chapter 13 and 10.5.
import { STATE } from './layout';
import type { PhysicalMemory } from './physical_memory';

export const XSAVE_BYTES = 832;
const X87 = 1, SSE = 2, AVX = 4;

/** Components that are not in their initial configuration. */
export function componentsInUse(view: DataView): number {
  let mask = 0;
  if (view.getUint32(STATE.fcw, true) !== 0x37f || view.getUint32(STATE.fsw, true) || view.getUint32(STATE.ftop, true) || view.getUint32(STATE.ftag, true)) mask |= X87;
  for (let i = 0; i < 128 && !(mask & X87); i += 4) if (view.getUint32(STATE.x87 + i, true)) mask |= X87;
  for (let i = 0; i < 16; i++) {
    for (let k = 0; k < 32; k += 4) if (view.getUint32(STATE.ymm + 32 * i + k, true)) mask |= k < 16 ? SSE : AVX;
  }
  if (view.getUint32(STATE.mxcsr, true) !== 0x1f80) mask |= SSE;
  return mask;
}

/** The 512-byte FXSAVE64 image of the components in `mask`; other parts of `out` stay. */
export function writeLegacy(view: DataView, out: Uint8Array, mask: number): void {
  const o = new DataView(out.buffer, out.byteOffset, out.byteLength);
  if (mask & X87) {
    o.setUint16(0, view.getUint32(STATE.fcw, true), true);
    o.setUint16(2, view.getUint32(STATE.fsw, true) | view.getUint32(STATE.ftop, true) << 11, true);
    o.setUint16(4, view.getUint32(STATE.ftag, true) & 0xff, true);
    o.setUint16(6, view.getUint32(STATE.fop, true) & 0x7ff, true);
    o.setBigUint64(8, view.getBigUint64(STATE.fip, true), true);
    o.setBigUint64(16, view.getBigUint64(STATE.fdp, true), true);
    const top = view.getUint32(STATE.ftop, true);
    for (let i = 0; i < 8; i++) {
      const from = STATE.x87 + 16 * (top + i & 7);
      o.setBigUint64(32 + 16 * i, view.getBigUint64(from, true), true);
      o.setUint16(40 + 16 * i, view.getUint16(from + 8, true), true);
      o.setUint16(42 + 16 * i, 0, true);
      o.setUint32(44 + 16 * i, 0, true);
    }
  }
  if (mask & (SSE | AVX)) {
    o.setUint32(24, view.getUint32(STATE.mxcsr, true), true);
    o.setUint32(28, 0xffff, true);
  }
  if (mask & SSE) for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k += 4) o.setUint32(160 + 16 * i + k, view.getUint32(STATE.ymm + 32 * i + k, true), true);
}

/** False when MXCSR has reserved bits (#GP). */
export function readLegacy(view: DataView, from: Uint8Array, mask: number, checkMxcsr = true): boolean {
  const f = new DataView(from.buffer, from.byteOffset, from.byteLength);
  if (mask & (SSE | AVX) && checkMxcsr && f.getUint32(24, true) & ~0xffff) return false;
  if (mask & X87) {
    view.setUint32(STATE.fcw, f.getUint16(0, true), true);
    const fsw = f.getUint16(2, true), top = fsw >> 11 & 7;
    view.setUint32(STATE.fsw, fsw & ~0x3800, true);
    view.setUint32(STATE.ftop, top, true);
    view.setUint32(STATE.ftag, f.getUint8(4), true);
    view.setUint32(STATE.fop, f.getUint16(6, true) & 0x7ff, true);
    view.setBigUint64(STATE.fip, f.getBigUint64(8, true), true);
    view.setBigUint64(STATE.fdp, f.getBigUint64(16, true), true);
    for (let i = 0; i < 8; i++) {
      const to = STATE.x87 + 16 * (top + i & 7);
      view.setBigUint64(to, f.getBigUint64(32 + 16 * i, true), true);
      view.setUint16(to + 8, f.getUint16(40 + 16 * i, true), true);
    }
  }
  if (mask & (SSE | AVX)) view.setUint32(STATE.mxcsr, f.getUint32(24, true), true);
  if (mask & SSE) for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k += 4) view.setUint32(STATE.ymm + 32 * i + k, f.getUint32(160 + 16 * i + k, true), true);
  return true;
}

export function initialize(view: DataView, mask: number): void {
  if (mask & X87) {
    view.setUint32(STATE.fcw, 0x37f, true);
    for (const at of [STATE.fsw, STATE.ftop, STATE.ftag, STATE.fop, STATE.fip, STATE.fip + 4, STATE.fdp, STATE.fdp + 4]) view.setUint32(at, 0, true);
    for (let i = 0; i < 128; i += 4) view.setUint32(STATE.x87 + i, 0, true);
  }
  for (let i = 0; i < 16; i++) for (let k = 0; k < 32; k += 4) if (mask & (k < 16 ? SSE : AVX)) view.setUint32(STATE.ymm + 32 * i + k, 0, true);
}

/** An XSAVE (or, compacted, XSAVEC) image over the previous content `out`; returns the bytes that are part of it. */
export function writeXsave(view: DataView, out: Uint8Array, mask: number, compact: boolean): number {
  const o = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const used = componentsInUse(view) & mask;
  const saved = compact ? used : mask;
  writeLegacy(view, out, saved | (mask & AVX && !compact ? AVX : 0) | (compact && mask & (SSE | AVX) ? AVX : 0));
  if (saved & AVX) for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k += 4) o.setUint32(576 + 16 * i + k, view.getUint32(STATE.ymm + 32 * i + 16 + k, true), true);
  const before = compact ? 0 : o.getUint32(512, true) & ~mask;
  o.setUint32(512, before | used, true);
  o.setUint32(516, 0, true);
  if (compact) { o.setUint32(520, mask, true); o.setUint32(524, 0x80000000, true); for (let i = 528; i < 576; i += 4) o.setUint32(i, 0, true); }
  return mask & AVX ? XSAVE_BYTES : 576;
}

export function readXsave(view: DataView, from: Uint8Array, mask: number): boolean {
  const f = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const present = f.getUint32(512, true), compactLow = f.getUint32(520, true), compactHigh = f.getUint32(524, true);
  const compact = compactHigh >>> 31 === 1;
  if (present & ~7 || f.getUint32(516, true) || (compact ? present & ~compactLow : compactLow | compactHigh)) return false;
  if (mask & (SSE | AVX) && (!compact || present & mask & SSE) && f.getUint32(24, true) & ~0xffff) return false;
  if (!readLegacy(view, from, mask & present & (X87 | SSE), false)) return false;
  initialize(view, mask & ~present);
  if (mask & (SSE | AVX) && !compact) view.setUint32(STATE.mxcsr, f.getUint32(24, true), true);
  else if (compact && mask & SSE && !(present & SSE)) view.setUint32(STATE.mxcsr, 0x1f80, true);
  if (mask & present & AVX) for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k += 4) view.setUint32(STATE.ymm + 32 * i + 16 + k, f.getUint32(576 + 16 * i + k, true), true);
  return true;
}

const EVERYTHING = X87 | SSE | AVX;
/** Of the image, in words: XMM registers, XSTATE_BV, the upper halves of YMM registers. */
const XMM_WORDS = 160 >> 2, BV_WORD = 512 >> 2, YMM_WORDS = 576 >> 2;

/** The standard image of the components in `mask`, at a physical address. */
export function saveXsave(memory: PhysicalMemory, pa: number, mask: number): void {
  if (mask === EVERYTHING && (pa & 3) === 0) return saveEverything(memory, pa);
  const image = new Uint8Array(XSAVE_BYTES), length = writeXsave(memory.view, image, mask, false);
  memory.writeBytes(pa, image.subarray(0, length));
}

/** Back from there; false when the image is not one. */
export function loadXsave(memory: PhysicalMemory, pa: number, mask: number): boolean {
  const { u32 } = memory, from = pa >> 2;
  if (mask === EVERYTHING && (pa & 3) === 0 && u32[from + BV_WORD + 3] === 0) return loadEverything(u32, from);
  return readXsave(memory.view, memory.u8.subarray(pa, pa + XSAVE_BYTES), mask);
}

/** What writeXsave does for every component over an image of zeros, word by word in place: each switch between threads asks for it. */
function saveEverything(memory: PhysicalMemory, pa: number): void {
  memory.noteWrite(pa, XSAVE_BYTES);
  const { u32 } = memory, to = pa >> 2, at = (field: number): number => u32[field >> 2] as number;
  const fcw = at(STATE.fcw), fsw = at(STATE.fsw), top = at(STATE.ftop), ftag = at(STATE.ftag), mxcsr = at(STATE.mxcsr);
  u32[to] = (fcw & 0xffff) | (fsw | top << 11) << 16;
  u32[to + 1] = (ftag & 0xff) | (at(STATE.fop) & 0x7ff) << 16;
  u32[to + 2] = at(STATE.fip);
  u32[to + 3] = at(STATE.fip + 4);
  u32[to + 4] = at(STATE.fdp);
  u32[to + 5] = at(STATE.fdp + 4);
  u32[to + 6] = mxcsr;
  u32[to + 7] = 0xffff;
  let x87 = (fcw ^ 0x37f) | fsw | top | ftag, sse = mxcsr ^ 0x1f80, avx = 0;
  for (let i = 0; i < 8; i++) {
    const from = (STATE.x87 >> 2) + 4 * (top + i & 7), here = to + 8 + 4 * i, w0 = u32[from] as number, w1 = u32[from + 1] as number, w2 = u32[from + 2] as number;
    x87 |= w0 | w1 | w2 | (u32[from + 3] as number);
    u32[here] = w0;
    u32[here + 1] = w1;
    u32[here + 2] = w2 & 0xffff;
    u32[here + 3] = 0;
  }
  for (let i = 0; i < 16; i++) {
    const from = (STATE.ymm >> 2) + 8 * i, low = to + XMM_WORDS + 4 * i, high = to + YMM_WORDS + 4 * i;
    for (let k = 0; k < 4; k++) {
      const below = u32[from + k] as number, above = u32[from + 4 + k] as number;
      sse |= below;
      avx |= above;
      u32[low + k] = below;
      u32[high + k] = above;
    }
  }
  u32.fill(0, to + XMM_WORDS + 64, to + YMM_WORDS);
  u32[to + BV_WORD] = (x87 ? X87 : 0) | (sse ? SSE : 0) | (avx ? AVX : 0);
}

/** What readXsave does with a standard image and every component. */
function loadEverything(u32: Uint32Array, from: number): boolean {
  const present = u32[from + BV_WORD] as number, mxcsr = u32[from + 6] as number;
  if (present & ~EVERYTHING || (u32[from + BV_WORD + 1] as number) | (u32[from + BV_WORD + 2] as number) || mxcsr & ~0xffff) return false;
  const hasX87 = (present & X87) !== 0, control = hasX87 ? u32[from] as number : 0x37f, tags = hasX87 ? u32[from + 1] as number : 0, top = control >>> 27 & 7;
  u32[STATE.fcw >> 2] = control & 0xffff;
  u32[STATE.fsw >> 2] = control >>> 16 & ~0x3800;
  u32[STATE.ftop >> 2] = top;
  u32[STATE.ftag >> 2] = tags & 0xff;
  u32[STATE.fop >> 2] = tags >>> 16 & 0x7ff;
  for (let k = 0; k < 2; k++) {
    u32[(STATE.fip >> 2) + k] = hasX87 ? u32[from + 2 + k] as number : 0;
    u32[(STATE.fdp >> 2) + k] = hasX87 ? u32[from + 4 + k] as number : 0;
  }
  if (!hasX87) u32.fill(0, STATE.x87 >> 2, (STATE.x87 >> 2) + 32);
  else for (let i = 0; i < 8; i++) {
    const to = (STATE.x87 >> 2) + 4 * (top + i & 7), here = from + 8 + 4 * i;
    u32[to] = u32[here] as number;
    u32[to + 1] = u32[here + 1] as number;
    u32[to + 2] = ((u32[to + 2] as number) & 0xffff0000) | ((u32[here + 2] as number) & 0xffff);
  }
  u32[STATE.mxcsr >> 2] = mxcsr;
  const sse = present & SSE ? ~0 : 0, avx = present & AVX ? ~0 : 0;
  for (let i = 0; i < 16; i++) {
    const to = (STATE.ymm >> 2) + 8 * i, low = from + XMM_WORDS + 4 * i, high = from + YMM_WORDS + 4 * i;
    for (let k = 0; k < 4; k++) {
      u32[to + k] = (u32[low + k] as number) & sse;
      u32[to + 4 + k] = (u32[high + k] as number) & avx;
    }
  }
  return true;
}
