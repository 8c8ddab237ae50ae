import type { Profile } from '../plan/profile.js';

/** A profile as lines: the slowest nodes first, what inputs and outputs take, and the whole. */
export function profileText({ runs, ms, inputMs, outputMs, macs, nodes }: Profile): string {
  const rows = [...nodes]
    .sort((a, b) => b.ms - a.ms)
    .map((node) =>
      row(node.ms, ms, `${node.op} "${node.node}" (${node.implementation})`, node.gmacPerSecond),
    );
  const rate = macs > 0 && ms > 0 ? macs / ms / 1e6 : null;
  return [
    `Espalier, means of ${runs} runs:`,
    ...rows,
    row(inputMs, ms, 'inputs', null),
    row(outputMs, ms, 'outputs', null),
    row(ms, ms, 'all', rate),
  ].join('\n');
}

function row(ms: number, whole: number, what: string, gmacPerSecond: number | null): string {
  const share = whole > 0 ? (100 * ms) / whole : 0;
  const rate = gmacPerSecond === null ? '' : `, ${gmacPerSecond.toFixed(1)} GMAC/s`;
  return `${ms.toFixed(3).padStart(10)} ms ${share.toFixed(0).padStart(3)} %  ${what}${rate}`;
}
