// What the stepping, stack and variable tests walk through; no C library. Marker comments find lines.
struct point { int x, y; struct point *next; unsigned low : 3, high : 5; };
enum colour { RED, GREEN = 5 };

static struct point origin = { 7, -8, &origin, 5, 17 };
int counter;
char greeting[16] = "hello";

static long write1(const char *text, unsigned long count) {
  long ret;
  __asm__ volatile("syscall" : "=a"(ret) : "0"(1L), "D"(1L), "S"(text), "d"(count) : "rcx", "r11", "memory"); // BP:syscall
  return ret;
}

__attribute__((noinline)) int leaf(int a, int b) {
  int sum = a + b; // BP:leaf
  counter++;
  return sum; // BP:leaf-return
}

__attribute__((noinline)) int factorial(int n) {
  if (n <= 1) // BP:factorial
    return 1;
  return n * factorial(n - 1); // BP:recursion
}

__attribute__((noinline)) int middle(int a, struct point *p, const char *name) {
  int numbers[3] = { 1, 2, a };
  double half = 0.5;
  enum colour colour = GREEN;
  int total = leaf(a, p->x); // BP:middle-call
  total += numbers[2] + (int)half + colour + name[0]; // BP:middle-after
  return total; // BP:middle-return
}

int main(void) {
  int result = middle(3, &origin, greeting); // BP:main-first
  for (int i = 0; i < 3; i++) // BP:loop
    result += i;              // BP:loop-body
  result += factorial(4); // BP:main-factorial
  write1(greeting, 5); // BP:main-write
  return result & 0x7f; // BP:main-end
}

void _start(void) {
  int status = main();
  __asm__ volatile("syscall" : : "a"(231L), "D"((long)status) : "rcx", "r11", "memory");
}
