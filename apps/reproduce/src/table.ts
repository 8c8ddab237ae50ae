/** A table that a command of this package makes. */
export interface Reproduction {
  readonly title: string;
  /** Sentences for the page: what the figures are, and are not. */
  readonly notes: readonly string[];
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
  /** The same as data, for `--json`. */
  readonly data: unknown;
}

const numberFormat = new Intl.NumberFormat('en-US');

/** 1,098,143 */
export function formatCount(count: number): string {
  return numberFormat.format(count);
}

/** The table as plain text, numbers to the right. */
export function asText({ title, head, cells }: Reproduction): string {
  const widths = head.map((name, i) => Math.max(name.length, ...cells.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [title, '', line(head), line(rule), ...cells.map(line)].join('\n');
}

/** The table as a page of docs/results, with the command that makes it. */
export function asMarkdown({ title, notes, head, cells }: Reproduction, command: string): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')));
  const made = `Made by \`${command}\`.`;
  return [`# ${title}`, '', ...notes, made, '', line(head), rule, ...cells.map(line), ''].join('\n');
}
