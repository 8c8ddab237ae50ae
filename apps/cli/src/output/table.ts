/** One column of a table: what it is called, and how it stands. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be cut, from the middle, where the terminal is too narrow. */
  readonly flexible?: boolean;
}

const GAP = '  ';
const NARROWEST = 12;

/**
 * Lines of a table in columns, a rule under the titles.
 *
 * @param width - columns of the terminal; flexible columns are cut to it
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = Infinity,
): string {
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  shrink(columns, widths, width);
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const room = widths[i] ?? 0;
        const cell = cut(cells[i] ?? '', room);
        return column.align === 'right' ? cell.padStart(room) : cell.padEnd(room);
      })
      .join(GAP)
      .trimEnd();
  const rule = widths.map((room) => '-'.repeat(room)).join(GAP);
  return [line(columns.map((column) => column.title)), rule, ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

/** Takes from the widest flexible column until the table fits. */
function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, room) => sum + room, GAP.length * (widths.length - 1));
  while (total() > width) {
    let widest = -1;
    for (const [i, column] of columns.entries()) {
      const room = widths[i] ?? 0;
      if (column.flexible && room > NARROWEST && room > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** Names of layers differ at both ends: the middle goes. */
function cut(cell: string, room: number): string {
  if (cell.length <= room) return cell;
  const head = Math.ceil((room - 1) / 2);
  return `${cell.slice(0, head)}…${cell.slice(cell.length - (room - 1 - head))}`;
}
