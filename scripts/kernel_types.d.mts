// Types of kernel_types.mjs for its test.
import type { KernelType } from '../src/debugger/target';
export interface Inferred {
  structs: Record<string, Record<string, KernelType>>;
  /** `type` null: nothing says what the number is. */
  find(file: string, start: number): { vars: [name: string, at: number, type: KernelType | null | undefined, isNumber: boolean][]; returns: KernelType | null | undefined } | undefined;
}
export function inferTypes(root: string, files: string[]): Inferred;
