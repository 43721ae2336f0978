/* A small bytecode interpreter: a loop that counts, adds and tests, by one switch. */
#include <stdint.h>
#include <stdio.h>

enum { PUSH, ADD, MUL, AND, DUP, SWAP, DROP, LOAD, STORE, JNZ, DEC, HALT };

static long run(const int *code)
{
	long stack[32], *sp = stack, cell[4] = { 0 };
	for (const int *pc = code;;) {
		switch (*pc++) {
		case PUSH: *sp++ = *pc++; break;
		case ADD: sp--; sp[-1] += sp[0]; break;
		case MUL: sp--; sp[-1] *= sp[0]; break;
		case AND: sp--; sp[-1] &= sp[0]; break;
		case DUP: sp[0] = sp[-1]; sp++; break;
		case SWAP: { long t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
		case DROP: sp--; break;
		case LOAD: *sp++ = cell[*pc++]; break;
		case STORE: cell[*pc++] = *--sp; break;
		case DEC: sp[-1]--; break;
		case JNZ: { int to = *pc++; if (sp[-1]) pc = code + to; break; }
		default: return cell[0];
		}
	}
}

int main(void)
{
	static const int code[] = {
		PUSH, 1, STORE, 0, PUSH, 12000000,
		LOAD, 0, PUSH, 31, MUL, PUSH, 7, ADD, PUSH, 0xffffff, AND, STORE, 0,
		DUP, DROP, DEC, JNZ, 6, HALT,
	};
	printf("%ld\n", run(code));
	return 0;
}
