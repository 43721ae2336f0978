// Tables as text for a terminal and as CSV for a spreadsheet.
import { textOf, valueOf, type Table } from './chart';

/** Columns padded to their widest cell, numbers to the right. */
export function tableText({ columns, rows }: Table): string {
  const texts = rows.map(row => columns.map((_, k) => textOf(row[k] ?? '')));
  const widths = columns.map((column, k) => Math.max(column.title.length, ...texts.map(row => row[k]?.length ?? 0)));
  const print = (cells: readonly string[]): string => cells.map((cell, k) => columns[k]?.isNumber ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0)).join('  ').trimEnd();
  return `${[print(columns.map(c => c.title)), widths.map(width => '-'.repeat(width)).join('  '), ...texts.map(print)].join('\n')}\n`;
}

/** RFC 4180, with the plain numbers of cells: nanoseconds, bytes, shares from 0 to 1. */
export function tableCsv({ columns, rows }: Table): string {
  const quote = (cell: string): string => /[",\r\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
  const value = (cell: number | string): string => typeof cell === 'number' && !Number.isFinite(cell) ? '' : String(cell);
  return [columns.map(c => quote(c.title)), ...rows.map(row => row.map(cell => quote(value(valueOf(cell)))))].map(line => `${line.join(',')}\r\n`).join('');
}

/** As data: an object a row, by column id. */
export function tableObjects({ columns, rows }: Table): Record<string, string | number>[] {
  return rows.map(row => Object.fromEntries(columns.map((column, k) => [column.id, valueOf(row[k] ?? '')])));
}
