// esbuild's binary loader gives a file's bytes.
declare module '*.elf' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.so' {
  const bytes: Uint8Array;
  export default bytes;
}
