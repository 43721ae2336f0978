#! needs: stress-ng
# Each stressor checks what the calls gave it; what a run prints is its trouble only.
## stress-ng verifies calls
for one in copy-file dup flock get kill sendfile sigpending tee usersyscall; do stress-ng --verify --$one 1 --$one-ops 1 --timeout 15 -q; echo $one $?; done
