// Calls a function of the vDSO's file as it lies on the disk, for gdb to unwind from: through VDSO FUNCTION.
#include <dlfcn.h>

long called(long (*function)(long, long)) { return function(0, 0) + 1; }

int main(int argc, char **argv) {
  void *vdso = argc > 2 ? dlopen(argv[1], RTLD_NOW) : 0;
  return vdso ? (int)called((long (*)(long, long))dlsym(vdso, argv[2])) : 2;
}
