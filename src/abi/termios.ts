// The modes of a terminal by name, as strace 6.1 lists them. Linux: include/uapi/asm-generic/termbits.h.
import { table } from './table';

export const C_IFLAG = table('???', () => ({
  IGNBRK: 1, BRKINT: 2, IGNPAR: 4, PARMRK: 8, INPCK: 0x10, ISTRIP: 0x20, INLCR: 0x40, IGNCR: 0x80, ICRNL: 0x100, IUCLC: 0x200, IXON: 0x400,
  IXANY: 0x800, IXOFF: 0x1000, IMAXBEL: 0x2000, IUTF8: 0x4000,
}));

export const C_OFLAG = table('???', () => ({
  OPOST: 1, OLCUC: 2, ONLCR: 4, OCRNL: 8, ONOCR: 0x10, ONLRET: 0x20, OFILL: 0x40, OFDEL: 0x80,
}));

export const NLDLY = table('NL?', () => ({
  NL0: 0, NL1: 0x100,
}));

export const CRDLY = table('CR?', () => ({
  CR0: 0, CR1: 0x200, CR2: 0x400, CR3: 0x600,
}));

export const TABDLY = table('TAB?', () => ({
  TAB0: 0, TAB1: 0x800, TAB2: 0x1000, XTABS: 0x1800,
}));

export const BSDLY = table('BS?', () => ({
  BS1: 0x2000, BS0: 0,
}));

export const VTDLY = table('VT?', () => ({
  VT0: 0, VT1: 0x4000,
}));

export const FFDLY = table('FF?', () => ({
  FF0: 0, FF1: 0x8000,
}));

export const C_CFLAG = table('???', () => ({
  CSTOPB: 0x40, CREAD: 0x80, PARENB: 0x100, PARODD: 0x200, HUPCL: 0x400, CLOCAL: 0x800, CMSPAR: 0x40000000, CRTSCTS: 0x80000000,
}));

export const CSIZE = table('CS?', () => ({
  CS5: 0, CS6: 0x10, CS7: 0x20, CS8: 0x30,
}));

export const CBAUD = table('B???', () => ({
  B0: 0, B50: 1, B75: 2, B110: 3, B134: 4, B150: 5, B200: 6, B300: 7, B600: 8, B1200: 9, B1800: 0xa, B2400: 0xb, B4800: 0xc, B9600: 0xd, B19200: 0xe,
  B38400: 0xf, B57600: 0x1001, B115200: 0x1002, B230400: 0x1003, B460800: 0x1004, B500000: 0x1005, B576000: 0x1006, B921600: 0x1007, B1000000: 0x1008,
  B1152000: 0x1009, B1500000: 0x100a, B2000000: 0x100b, B2500000: 0x100c, B3000000: 0x100d, B3500000: 0x100e, B4000000: 0x100f, EXTA: 0xe, EXTB: 0xf,
  BOTHER: 0x1000,
}));

export const C_LFLAG = table('???', () => ({
  ISIG: 1, ICANON: 2, XCASE: 4, ECHO: 8, ECHOE: 0x10, ECHOK: 0x20, ECHONL: 0x40, NOFLSH: 0x80, IEXTEN: 0x8000, ECHOCTL: 0x200, ECHOPRT: 0x400,
  ECHOKE: 0x800, FLUSHO: 0x1000, PENDIN: 0x4000, TOSTOP: 0x100, EXTPROC: 0x10000,
}));

export const C_CC = table('V???', () => ({
  VINTR: 0, VQUIT: 1, VERASE: 2, VKILL: 3, VEOL2: 16, VSWTC: 7, VSTART: 8, VSTOP: 9, VSUSP: 10, VREPRINT: 12, VDISCARD: 13, VWERASE: 14, VLNEXT: 15,
  VMIN: 6, VTIME: 5, VEOF: 4, VEOL: 11,
}));

export const N_LINE = table('N_???', () => ({
  N_TTY: 0, N_SLIP: 1, N_MOUSE: 2, N_PPP: 3, N_STRIP: 4, N_AX25: 5, N_X25: 6, N_6PACK: 7, N_MASC: 8, N_R3964: 9, N_PROFIBUS_FDL: 10, N_IRDA: 11,
  N_SMSBLOCK: 12, N_HDLC: 13, N_SYNC_PPP: 14, N_HCI: 15, N_GIGASET_M101: 16, N_SLCAN: 17, N_PPS: 18, N_V253: 19, N_CAIF: 20, N_GSM0710: 21,
  N_TI_WL: 22, N_TRACESINK: 23, N_TRACEROUTER: 24, N_NCI: 25, N_SPEAKUP: 26, N_NULL: 27,
}));

export const NLDLY_MASK = 0x100, CRDLY_MASK = 0x600, TABDLY_MASK = 0x1800, BSDLY_MASK = 0x2000, VTDLY_MASK = 0x4000, FFDLY_MASK = 0x8000;
export const CSIZE_MASK = 0x30, CBAUD_MASK = 0x100f;
