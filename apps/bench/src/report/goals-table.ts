import { networks } from '../networks/networks.js';
import type { Goal, GoalResult } from './goals.js';
import { short } from './timing-table.js';

/** Networks down, goals across: the ratio and whether it is reached, or how much was wanted. */
export function goalsTable(goals: readonly Goal[]): readonly (readonly string[])[] {
  const rows = networks.map((network) => [
    network.title,
    ...goals.map(({ results }) => {
      const result = results.find((one) => one.network === network);
      if (result === undefined) return '';
      return `${ratioText(result)} ${result.reached ? '✓' : `✗ (${result.least})`}`;
    }),
  ]);
  return [
    ['network', ...goals.map(({ title }) => title)],
    ...rows.filter((row) => row.slice(1).some(Boolean)),
  ];
}

/** The same as lines, for a terminal: one goal after the other. */
export function goalLines(goals: readonly Goal[]): readonly string[] {
  return goals.flatMap(({ title, results }) => {
    const reached = results.filter((one) => one.reached).length;
    const shortfalls = results
      .filter((one) => !one.reached)
      .map((one) => `${one.network.name} ${ratioText(one)} of ${one.least}`);
    const tail = shortfalls.length === 0 ? '' : `; short: ${shortfalls.join(', ')}`;
    return [`${title}: ${reached} of ${results.length}${tail}`];
  });
}

/** With more digits where rounding would hide that it falls short. */
function ratioText({ ratio, least, reached }: GoalResult): string {
  const text = short(ratio);
  return !reached && Number(text) >= least ? ratio.toFixed(4) : text;
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...body].map(line).join('\n');
}
