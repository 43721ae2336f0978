// Prints lines, then draws on the screen with the cursor.
#include <stdio.h>

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 1; i <= 3; i++)
        printf("line %d\n", i);
    printf("\033[2J\033[3;10Hdrawn");  // draw
    printf("\033[3;10Hagain");  // over it
    return 0;  // done
}
