// What Go keeps in memory, for a debugger to show.
package main

import "os"

type point struct {
	x, y int
	name string
}

func main() {
	p := point{1, -2, "pt"}
	words := []string{"one", "two"}
	numbers := []int{1, 2, 3}
	tail := numbers[2:]
	var nothing []int
	os.Stdout.WriteString(p.name) // stop
	os.Exit(len(words) + len(numbers) + len(tail) + len(nothing) + p.x + p.y)
}
