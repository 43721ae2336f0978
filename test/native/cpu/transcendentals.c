// The x87's transcendental functions in 113 bits (libquadmath), as a reference: standard input has struct request, standard output the results as __float128.
#include <quadmath.h>
#include <stdint.h>
#include <stdio.h>

struct request { uint64_t function, xm, xe, ym, ye; };
static __float128 number(uint64_t m, uint64_t e) { __float128 v = ldexpq((__float128)m, (int)(e & 0x7fff) - 16383 - 63); return e & 0x8000 ? -v : v; }

int main(void) {
  struct request r;
  while (fread(&r, sizeof r, 1, stdin) == 1) {
    const __float128 x = number(r.xm, r.xe), y = number(r.ym, r.ye);
    __float128 v;
    switch (r.function) {
      case 0: v = sinq(x); break;
      case 1: v = cosq(x); break;
      case 2: v = tanq(x); break;
      case 3: v = expm1q(x * M_LN2q); break;
      case 4: v = y * log2q(x); break;
      case 5: v = y * (log1pq(x) * M_LOG2Eq); break;
      default: v = atan2q(y, x);
    }
    fwrite(&v, sizeof v, 1, stdout);
  }
  return 0;
}
