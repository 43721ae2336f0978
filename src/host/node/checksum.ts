// A checksum for files that are read at each start: a word at a time, in machine code. Not against forgery.
const WASM_PAGE = 65536;

/** What is used here of JavaScript's WebAssembly, which is not of Node's types. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { readonly exports: Record<string, unknown> } };

/** (module (memory (export "m") 2) (func (export "f") (param $end i32) ...)): mixes the words of [0, $end), one at least, into the one at WASM_PAGE. */
const MODULE = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x01, 0x7f, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x02,
  0x07, 0x09, 0x02, 0x01, 0x6d, 0x02, 0x00, 0x01, 0x66, 0x00, 0x00,
  0x0a, 0x42, 0x01, 0x40, 0x02, 0x01, 0x7f, 0x01, 0x7e, // (local $at i32) (local $sum i64)
  0x41, 0x00, 0x29, 0x03, 0x80, 0x80, 0x04, 0x21, 0x02, // $sum = the word at WASM_PAGE
  0x03, 0x40, // loop
  0x20, 0x02, 0x20, 0x01, 0x29, 0x03, 0x00, 0x85, // $sum ^ the word at $at
  0x42, 0x95, 0xf8, 0xa9, 0xfa, 0x97, 0xb7, 0xde, 0x9b, 0x9e, 0x7f, 0x7e, // * 0x9e3779b97f4a7c15
  0x42, 0x1d, 0x89, 0x21, 0x02, // $sum = rotated by 29
  0x20, 0x01, 0x41, 0x08, 0x6a, 0x22, 0x01, 0x20, 0x00, 0x49, 0x0d, 0x00, 0x0b, // ($at += 8) < $end: again
  0x41, 0x00, 0x20, 0x02, 0x37, 0x03, 0x80, 0x80, 0x04, 0x0b, // the word at WASM_PAGE = $sum
];

interface Mixer { readonly bytes: Uint8Array; readonly view: DataView; mix(end: number): void }

let mixer: Mixer | undefined;
function makeMixer(): Mixer {
  const { m, f } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(MODULE))).exports as { m: { buffer: ArrayBuffer }; f: Mixer['mix'] };
  return { bytes: new Uint8Array(m.buffer), view: new DataView(m.buffer), mix: f };
}

/** 32 bits in which each byte and the length count. */
export function checksum(data: Uint8Array): number {
  const { bytes, view, mix } = mixer ??= makeMixer();
  view.setUint32(WASM_PAGE, data.length, true);
  view.setUint32(WASM_PAGE + 4, 0, true);
  for (let at = 0; at < data.length; at += WASM_PAGE) {
    const part = data.subarray(at, at + WASM_PAGE), end = Math.ceil(part.length / 8) * 8;
    bytes.set(part);
    bytes.fill(0, part.length, end);
    mix(end);
  }
  return (view.getUint32(WASM_PAGE, true) ^ view.getUint32(WASM_PAGE + 4, true)) >>> 0;
}
