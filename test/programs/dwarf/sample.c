// Types, scopes and calls of every common kind, for comparison with gdb and readelf.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum color { RED, GREEN = 5, BLUE };
enum level { LOW = -3, MIDDLE, HIGH = 100 };
struct point { int x; int y; };
typedef struct point point_t;
typedef unsigned char byte;
struct node { int value; struct node *next; };
struct flags { unsigned a : 1; unsigned b : 3; int c : 5; unsigned long long d : 40; char last; };
struct packed { char c; int i; } __attribute__((packed));
union number { int i; float f; double d; unsigned char bytes[8]; };
struct outer { int id; union { int as_int; float as_float; }; struct { short lo, hi; } pair; struct point corners[2]; int (*handler)(int); const char *const name; };
struct opaque;
struct empty {};

int global_int = 42;
static long static_long = -7;
const char *message = "Hello, World!";
char buffer[64] = "buffer";
struct point origin = { 1, 2 };
point_t square[4] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
enum color favourite = GREEN;
enum level height = LOW;
union number number = { .i = 7 };
struct flags bits = { 1, 5, -3, 0x12345678, 'z' };
struct packed packed_one = { 'p', 77 };
_Bool truth = 1;
float single = 1.5f;
double twice = 2.25;
long double longer = 3.125L;
int matrix[3][4];
struct opaque *hidden;
struct empty nothing;
volatile int changing;
int *const constant_pointer = &global_int;
const volatile unsigned short cv = 9;
int (*operation)(int);
int (*operations[3])(int, char *);
int (*row_pointer)[4] = &matrix[1];
char **arguments;
uint8_t small = 200;
int8_t negative = -5;
uint64_t large = 0xffffffffffffffffull;
unsigned __int128 huge = 5;
double _Complex complicated;
void (*signal_like(int sig, void (*func)(int)))(int);
__thread int thread_counter = 11;
static __thread char thread_text[8] = "tls";

static inline __attribute__((always_inline)) int twice_inlined(int n) {
  int doubled = n * 2;
  return doubled + 1;
}

int apply(int n) {
  int inner = n + 1;
  {
    int inner = n * 3;
    global_int += inner; // BP:shadow
  }
  return inner;
}

static int sum(const int *values, int count) {
  int total = 0;
  for (int i = 0; i < count; i++) {
    int value = values[i];
    total += value; // BP:loop
  }
  return total;
}

int variable_length(int n) {
  int cells[n];
  for (int i = 0; i < n; i++) cells[i] = i * i;
  return sum(cells, n); // BP:vla
}

int many(int a, int b, int c, int d, int e, int f, int g, double h, struct point p, struct point *q, char text[], ...) {
  static int calls = 0;
  calls++;
  register int local = a + b + c + d + e + f + g;
  return local + (int)h + p.x + q->y + text[0]; // BP:many
}

int recurse(int depth) {
  if (depth == 0) {
    return global_int; // BP:deepest
  }
  return recurse(depth - 1) + 1;
}

void (*signal_like(int sig, void (*func)(int)))(int) { (void)sig; return func; }

int main(int argc, char **argv) {
  struct outer outer = { .id = 3, .as_float = 2.5f, .pair = { 1, 2 }, .corners = { { 5, 6 }, { 7, 8 } }, .handler = apply, .name = "outer" };
  struct node second = { 2, 0 }, first = { 1, &second };
  int numbers[] = { 3, 1, 4, 1, 5, 9 };
  char word[] = "word";
  byte raw = 0xff;
  operation = apply;
  arguments = argv;
  thread_counter++;
  global_int = twice_inlined(argc); // BP:inline

  int total = sum(numbers, 6) + variable_length(5) + recurse(3); // BP:after
  total += many(1, 2, 3, 4, 5, 6, 7, 8.5, origin, &outer.corners[1], word, 9);
  printf("%s %d %d %d %c %ld\n", message, total, first.next->value, raw, word[0], static_long + thread_text[0]); // BP:end
  return total == 0;
}
