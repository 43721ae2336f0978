/* Five bodies that pull at each other, in double. */
#include <math.h>
#include <stdio.h>

struct body { double x[3], v[3], mass; };

static struct body bodies[5] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, 39.47 },
	{ { 4.84, -1.16, -0.1 }, { 0.6, 2.81, -0.02 }, 0.0377 },
	{ { 8.34, 4.12, -0.4 }, { -1.01, 1.82, 0.008 }, 0.0113 },
	{ { 12.89, -15.11, -0.22 }, { 1.08, 0.86, -0.01 }, 0.0017 },
	{ { 15.37, -25.9, 0.179 }, { 0.97, 0.59, -0.03 }, 0.002 },
};

int main(void)
{
	for (int step = 0; step < 1500000; step++) {
		for (int i = 0; i < 5; i++)
			for (int j = i + 1; j < 5; j++) {
				double d[3], square = 0;
				for (int k = 0; k < 3; k++) {
					d[k] = bodies[i].x[k] - bodies[j].x[k];
					square += d[k] * d[k];
				}
				double pull = 0.001 / (square * sqrt(square));
				for (int k = 0; k < 3; k++) {
					bodies[i].v[k] -= d[k] * bodies[j].mass * pull;
					bodies[j].v[k] += d[k] * bodies[i].mass * pull;
				}
			}
		for (int i = 0; i < 5; i++)
			for (int k = 0; k < 3; k++)
				bodies[i].x[k] += 0.001 * bodies[i].v[k];
	}
	printf("%.12f\n", bodies[0].x[0]);
	return 0;
}
