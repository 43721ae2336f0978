// Prints random 80-bit operands with what this processor's x87 makes of them: one line each,
//   op control a b -> result status(hex, exceptions + C0..C3)     all values as 20 hex digits (sign and exponent first).
// Usage: x87_vectors SEED COUNT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef union { long double f; struct { uint64_t mant; uint16_t se; } p; unsigned char b[16]; } F;
static uint64_t s;
static uint64_t rnd(void) { s ^= s << 13; s ^= s >> 7; s ^= s << 17; return s; }

static F operand(void) {
  F x; memset(&x, 0, sizeof x);
  uint64_t m = rnd();
  switch (rnd() % 8) {
    case 0: m = 0; break;
    case 1: m &= 0xff00000000000000u; break;
    case 2: m |= 0xffffffffffff0000u; break;
    case 3: m &= rnd() & rnd(); break;
  }
  unsigned e;
  switch (rnd() % 12) {
    case 0: e = 0; break;
    case 1: e = 0x7fff; break;
    case 2: e = rnd() % 80; break;
    case 3: e = 0x7ffe - rnd() % 80; break;
    case 4: e = rnd() & 0x7fff; break;
    default: e = 16383 - 70 + rnd() % 140; break;
  }
  if (e && rnd() % 64) m |= 1ull << 63;
  if (!e && rnd() % 8) m &= ~(1ull << 63);
  if (rnd() % 40 == 0) { m = 0; e = 0; }
  x.p.mant = m; x.p.se = e | (rnd() & 1) << 15;
  return x;
}

static void show(F x) { printf("%04x%016llx", x.p.se, (unsigned long long)x.p.mant); }


int main(int argc, char **argv) {
  s = strtoull(argc > 1 ? argv[1] : "1", 0, 0) * 0x9e3779b97f4a7c15u + 1;
  int count = argc > 2 ? atoi(argv[2]) : 100;
  static const unsigned short pcs[] = { 0x000, 0x200, 0x300, 0x300, 0x300 };
  for (int i = 0; i < count; i++) {
    F a = operand(), b = operand(), r; memset(&r, 0, sizeof r);
    unsigned short cw = 0x7f | pcs[rnd() % 5] | (rnd() & 3) << 10, sw = 0;
    // st0 = a, st1 = b
#define LOAD "fninit; fldcw %2; fldt %4; fldt %3; fnclex; "
#define OP(name, insn) { r.p.mant = 0; r.p.se = 0; __asm__ volatile(LOAD insn "; fnstsw %1; fstpt %0; fninit" : "=m"(r), "=m"(sw) : "m"(cw), "m"(a), "m"(b) : "memory"); \
      printf(name " %04x ", cw); show(a); putchar(' '); show(b); printf(" -> "); show(r); printf(" %04x\n", sw & 0x477f); }
    switch (i % 18) {
      case 0: OP("add", "fadd %%st(1), %%st") break;
      case 1: OP("sub", "fsub %%st(1), %%st") break;
      case 2: OP("mul", "fmul %%st(1), %%st") break;
      case 3: OP("div", "fdiv %%st(1), %%st") break;
      case 4: OP("sqrt", "fsqrt") break;
      case 5: OP("rndint", "frndint") break;
      case 6: OP("scale", "fscale") break;
      case 7: OP("prem", "fprem") break;
      case 8: OP("prem1", "fprem1") break;
      case 9: OP("com", "fcom %%st(1)") break;
      case 10: OP("ucom", "fucom %%st(1)") break;
      case 11: OP("xtract", "fxtract; fxch") break;
#define MEM(name, insn, type) { type out; memset(&out, 0, sizeof out); r.p.mant = 0; r.p.se = 0; \
      __asm__ volatile(LOAD insn " %0; fnstsw %1; fninit" : "=m"(out), "=m"(sw) : "m"(cw), "m"(a), "m"(b) : "memory"); memcpy(r.b, &out, sizeof out); \
      printf(name " %04x ", cw); show(a); putchar(' '); show(b); printf(" -> "); show(r); printf(" %04x\n", sw & 0x477f); }
      case 12: MEM("st32", "fstps", float) break;
      case 13: MEM("st64", "fstpl", double) break;
      case 14: MEM("ist16", "fistps", short) break;
      case 15: MEM("ist32", "fistpl", int) break;
      case 16: MEM("ist64", "fistpll", long long) break;
      case 17: { struct { unsigned char x[10]; } out; memset(&out, 0, 10); r.p.mant = 0; r.p.se = 0;
        __asm__ volatile(LOAD "fbstp %0; fnstsw %1; fninit" : "=m"(out), "=m"(sw) : "m"(cw), "m"(a), "m"(b) : "memory"); memcpy(r.b, out.x, 10);
        printf("bstp %04x ", cw); show(a); putchar(' '); show(b); printf(" -> "); show(r); printf(" %04x\n", sw & 0x477f); } break;
    }
  }
  return 0;
}
