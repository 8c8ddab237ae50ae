import { formatCount, type Table } from '../table.js';
import type { LayerCost } from './layer-cost.js';
import type { PaperRow, PaperTable } from './paper.js';

/** A row of ours beside the paper's, bits and rates as the paper tells them. */
export interface ComparedRow {
  readonly layer: string;
  readonly weights: number;
  readonly keptPercent: number;
  readonly weightBits: number;
  readonly weightBitsCoded: number;
  readonly indexBits: number;
  readonly indexBitsCoded: number;
  readonly ratePercent: number;
  readonly ratePercentCoded: number;
  readonly bytes: number;
}

/** What the layers cost once shared, and once coded: one row for each, the total last. */
export function comparedRows(
  shared: readonly LayerCost[],
  coded: readonly LayerCost[],
): readonly ComparedRow[] {
  return coded.map((after, i) => {
    const before = shared[i] ?? after;
    return {
      layer: after.layer,
      weights: after.weights,
      keptPercent: (100 * after.kept) / after.weights,
      weightBits: before.weightBits,
      weightBitsCoded: after.weightBits,
      indexBits: before.indexBits,
      indexBitsCoded: after.indexBits,
      ratePercent: before.ratePercent,
      ratePercentCoded: after.ratePercent,
      bytes: after.bytes,
    };
  });
}

/** Both side by side: ours, and the paper's figure in brackets. */
export function comparisonTable(rows: readonly ComparedRow[], paper: PaperTable): Table {
  const papers = [...paper.rows, paper.total];
  return {
    head: [
      'layer',
      'weights',
      'kept',
      'weight bits',
      'coded',
      'index bits',
      'coded',
      'rate',
      'rate, coded',
      'bytes',
    ],
    cells: rows.map((row) =>
      cellsOf(
        row,
        papers.find(({ layer }) => layer === row.layer),
      ),
    ),
  };
}

function cellsOf(row: ComparedRow, paper: PaperRow | undefined): readonly string[] {
  const beside = (ours: string, theirs: string | number | undefined): string =>
    theirs === undefined ? ours : `${ours} (${theirs})`;
  const percent = (value: number): string => `${value.toFixed(2)} %`;
  return [
    row.layer,
    beside(formatCount(row.weights), paper?.weights),
    beside(`${row.keptPercent.toFixed(1)} %`, paper && `${paper.keptPercent} %`),
    beside(row.weightBits.toFixed(1), paper?.weightBits),
    beside(row.weightBitsCoded.toFixed(1), paper?.weightBitsCoded),
    beside(row.indexBits.toFixed(1), paper?.indexBits),
    beside(row.indexBitsCoded.toFixed(1), paper?.indexBitsCoded),
    beside(percent(row.ratePercent), paper && `${paper.ratePercent} %`),
    beside(percent(row.ratePercentCoded), paper && `${paper.ratePercentCoded} %`),
    formatCount(row.bytes),
  ];
}
