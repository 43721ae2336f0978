// Target addresses: 64-bit, unsigned, exact. Tables that must be fast hold the same address as a signed number instead.

/** An address (or a 64-bit register) of the target: 0n .. 2^64-1. */
export type Address = bigint;

/** The low 64 bits of `value`, unsigned. */
export function toAddress(value: bigint | number): Address {
  return BigInt.asUintN(64, BigInt(value));
}

/**
 * The address as a signed number, for sorted tables. Exact for every canonical address: user space is positive and
 * the kernel's half (0xffff8000...) becomes small negative numbers.
 */
export function addressToNumber(address: Address): number {
  return Number(BigInt.asIntN(64, address));
}

/** The address that `addressToNumber` gave the signed `number` for. */
export function numberToAddress(number: number): Address {
  return BigInt.asUintN(64, BigInt(number));
}

/** `0x401136`: how addresses are shown. */
export function formatAddress(address: Address): string {
  return `0x${address.toString(16)}`;
}
