/* Every register known, then calls of each kind: syscall, int 0x80 with rubbish in the upper half of RAX, a number that does not exist. */
	.globl _start
	.text
_start:
	lea	stack_top(%rip), %rsp
	mov	$0x1111111111111111, %rbx
	mov	$0x2222222222222222, %rbp
	mov	$0x1212121212121212, %r12
	mov	$0x1313131313131313, %r13
	mov	$0x1414141414141414, %r14
	mov	$0x1515151515151515, %r15
	mov	$0xcccccccccccccccc, %rcx
	mov	$0xbbbbbbbbbbbbbbbb, %r11
	mov	$1, %edi
	lea	text(%rip), %rsi
	mov	$3, %edx
	mov	$0x1010101010101010, %r10
	mov	$0x0808080808080808, %r8
	mov	$0x0909090909090909, %r9
	mov	$1, %eax
	stc
	std
	syscall
	cld
	mov	$0xaaaaaaaa00000014, %rax
	int	$0x80
	mov	$4, %eax
	mov	$1, %ebx
	lea	text(%rip), %ecx
	mov	$3, %edx
	int	$0x80
	mov	$600, %eax
	syscall
	mov	$9, %edi
	mov	$231, %eax
	syscall
	.data
text:	.ascii "hi\n"
	.bss
	.balign 16
	.skip 4096
stack_top:
	.skip 16
