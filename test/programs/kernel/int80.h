/* A call of the i386 table out of 64-bit code, with all six arguments: RAX afterwards. Its stack is below the red zone. */
static long int80_rax(long nr, long a, long b, long c, long d, long e, long f) {
	long result = nr;
	__asm__ volatile("lea -128(%%rsp), %%rsp; push %%rbp; mov %6, %%rbp; int $0x80; pop %%rbp; lea 128(%%rsp), %%rsp"
		: "+a"(result) : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), "r"(f) : "memory", "r8", "r9", "r10", "r11");
	return result;
}
