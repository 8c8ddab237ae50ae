import type { Network } from './models.js';

/**
 * A row of Deep Compression's tables 2 and 3. Bits are a weight; P is pruned, Q shared ("quantized"), H Huffman
 * coded; a rate is bits after over 32 bits a weight of the dense layer.
 */
export interface PaperRow {
  readonly layer: string;
  /** As the paper rounds it. */
  readonly weights: string;
  readonly keptPercent: number;
  readonly weightBits: number;
  readonly weightBitsCoded: number;
  readonly indexBits: number;
  readonly indexBitsCoded: number;
  readonly ratePercent: number;
  readonly ratePercentCoded: number;
}

/** What the papers say of one network. Han et al. 2016 (arXiv:1510.00149v5), tables 1 to 3; 2015, table 1. */
export interface PaperTable {
  /** Error on the 10,000 test images in percent: as trained, pruned and retrained (2015), and at the end. */
  readonly errorPercent: { readonly before: number; readonly pruned: number; readonly after: number };
  readonly ratio: number;
  readonly kilobytes: number;
  readonly rows: readonly PaperRow[];
  readonly total: PaperRow;
}

type Cells = readonly [
  layer: string,
  weights: string,
  kept: number,
  weightBits: number,
  weightBitsCoded: number,
  indexBits: number,
  indexBitsCoded: number,
  rate: number,
  rateCoded: number,
];

function row(cells: Cells): PaperRow {
  const [layer, weights, keptPercent, weightBits, weightBitsCoded, indexBits, indexBitsCoded, rate, coded] =
    cells;
  return {
    layer,
    weights,
    keptPercent,
    weightBits,
    weightBitsCoded,
    indexBits,
    indexBitsCoded,
    ratePercent: rate,
    ratePercentCoded: coded,
  };
}

export const paperTables: Readonly<Record<Network['name'], PaperTable>> = {
  'lenet-300-100': {
    errorPercent: { before: 1.64, pruned: 1.59, after: 1.58 },
    ratio: 40,
    kilobytes: 27,
    rows: [
      row(['fc1', '235K', 8, 6, 4.4, 5, 3.7, 3.1, 2.32]),
      row(['fc2', '30K', 9, 6, 4.4, 5, 4.3, 3.8, 3.04]),
      row(['fc3', '1K', 26, 6, 4.3, 5, 3.2, 15.7, 12.7]),
    ],
    total: row(['total', '266K', 8, 6, 5.1, 5, 3.7, 3.1, 2.49]),
  },
  'lenet-5': {
    errorPercent: { before: 0.8, pruned: 0.77, after: 0.74 },
    ratio: 39,
    kilobytes: 44,
    rows: [
      row(['conv1', '0.5K', 66, 8, 7.2, 5, 1.5, 78.5, 67.45]),
      row(['conv2', '25K', 12, 8, 7.2, 5, 3.9, 6, 5.28]),
      row(['fc1', '400K', 8, 5, 4.5, 5, 4.5, 2.7, 2.45]),
      row(['fc2', '5K', 19, 5, 5.2, 5, 3.7, 6.9, 6.13]),
    ],
    total: row(['total', '431K', 8, 5.3, 4.1, 5, 4.4, 3.05, 2.55]),
  },
};
