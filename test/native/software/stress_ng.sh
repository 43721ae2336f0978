#! needs: stress-ng
# Each stressor checks what the calls gave it; what a run prints is its trouble only.
## stress-ng verifies calls
for one in copy-file dup fcntl fifo flock fstat get getdent getrandom kill membarrier null personality pidfd prctl rlimit sendfile session set sigpending sockmany splice sysinfo tee usersyscall utime wait; do stress-ng --verify --$one 1 --$one-ops 1 --timeout 15 -q; echo $one $?; done
