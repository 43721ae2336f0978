// More calls than a log view or a trace of small memory keeps.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define LINES 42000

int main(void) {
    char line[64];
    int fd = open("/dev/null", O_WRONLY);
    for (int i = 0; i < LINES; i++) {
        int length = snprintf(line, sizeof line, "this is line %d of many lines\n", i);
        if (write(fd, line, length) != length) return 1;
    }
    return close(fd);  // the end
}
