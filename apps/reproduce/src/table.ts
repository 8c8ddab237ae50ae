/** Cells under a head. */
export interface Table {
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

/** A further table of a page, under a heading of its own. */
export interface Section extends Table {
  readonly heading: string;
}

/** A picture of a page. */
export interface Figure {
  /** File name, ending in .svg. */
  readonly file: string;
  readonly caption: string;
  readonly svg: string;
}

/** What a command of this package makes: a table, and more tables and pictures where one is not enough. */
export interface Reproduction extends Table {
  readonly title: string;
  /** Sentences for the page: what the figures are, and are not. */
  readonly notes: readonly string[];
  readonly sections?: readonly Section[];
  readonly figures?: readonly Figure[];
  /** The same as data, for `--json`. */
  readonly data: unknown;
}

const numberFormat = new Intl.NumberFormat('en-US');

/** 1,098,143 */
export function formatCount(count: number): string {
  return numberFormat.format(count);
}

/** The tables as plain text, numbers to the right. */
export function asText({ title, sections = [], ...table }: Reproduction): string {
  const parts = [title, '', ...textOf(table)];
  for (const section of sections) parts.push('', section.heading, '', ...textOf(section));
  return parts.join('\n');
}

function textOf({ head, cells }: Table): readonly string[] {
  const widths = head.map((name, i) => Math.max(name.length, ...cells.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...cells.map(line)];
}

/** The tables as a page of docs/results, with the command that makes it. */
export function asMarkdown(
  { title, notes, sections = [], figures = [], ...table }: Reproduction,
  command: string,
): string {
  const made = `Made by \`${command}\`.`;
  const parts = [`# ${title}`, '', ...notes, made, '', ...markdownOf(table)];
  for (const section of sections) parts.push('', `## ${section.heading}`, '', ...markdownOf(section));
  for (const { file, caption } of figures) parts.push('', `![${caption}](${file})`);
  return [...parts, ''].join('\n');
}

function markdownOf({ head, cells }: Table): readonly string[] {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')));
  return [line(head), rule, ...cells.map(line)];
}
