// The part of the WebAssembly JavaScript interface that the processor uses; the room is compiled without the DOM's types.
declare namespace WebAssembly {
  interface MemoryDescriptor { initial: number; maximum?: number; shared?: boolean }
  class Memory { constructor(descriptor: MemoryDescriptor); readonly buffer: ArrayBuffer; grow(delta: number): number }
  class Module { constructor(bytes: Uint8Array<ArrayBuffer>) }
  class Table { constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number }); readonly length: number; get(index: number): unknown; set(index: number, value: unknown): void; grow(delta: number): number }
  class Global { constructor(descriptor: { value: string; mutable?: boolean }, value?: unknown); value: unknown }
  class Instance { constructor(module: Module, imports?: Record<string, Record<string, unknown>>); readonly exports: Record<string, unknown> }
}
