import { weightHistogram } from '../src/report/histogram.js';
import type { ReportData, ReportLayer } from '../src/report/report-data.js';

/** A report with made-up figures, for tests of the page: every section has something to show. */
export function sampleReport(): ReportData {
  const layers = Array.from({ length: 30 }, (_, i): ReportLayer => {
    const channels = 16 * 2 ** Math.floor(i / 10);
    const parameters = channels * channels * 9;
    return {
      name: `layer${Math.floor(i / 10) + 1}.${i % 10}.conv1.weight`,
      op: i === 29 ? 'Gemm' : 'Conv',
      dims: [channels, channels, 3, 3],
      parameters,
      encoding: 'sparse(gaps: huffman, values: codebook(centroids: float32, indices: huffman))',
      bytesBefore: parameters * 4,
      bytesAfter: i === 0 ? parameters * 4 : Math.round(parameters * (0.2 + (i % 5) / 20)),
      density: i === 0 ? 1 : 0.33,
      weightSqnrDb: i === 0 ? Infinity : 12 + ((i * 7) % 20),
      outputSqnrDb: i === 0 ? Infinity : 8 + ((i * 11) % 25),
    };
  });
  const total = layers.reduce((sum, layer) => sum + layer.bytesBefore, 0);
  return {
    title: 'resnet20-cifar10.onnx',
    before: { name: 'resnet20-cifar10.onnx', format: 'onnx', sizeBytes: total + 40_000 },
    after: { name: 'resnet20-small.espalier', format: 'espalier', sizeBytes: Math.round(total / 13) },
    sizeFormat: 'espalier',
    sizeBytesBefore: total + 2000,
    passes: [
      {
        name: 'fold-batch-norm',
        effect: 'exact',
        modified: true,
        elapsedMs: 8.2,
        sizeBytes: total - 9000,
        statistics: { 'norms.folded': 19 },
        tables: [],
      },
      {
        name: 'prune',
        effect: 'lossy',
        modified: true,
        elapsedMs: 52,
        sizeBytes: Math.round(total * 0.45),
        statistics: { 'weights.zeroed': 181_340 },
        tables: [],
      },
      {
        name: 'share-weights',
        effect: 'lossy',
        modified: true,
        elapsedMs: 1840,
        sizeBytes: Math.round(total * 0.12),
        statistics: { clusters: 640 },
        tables: [
          {
            title: 'Bits of each layer',
            columns: ['layer', 'bits', 'error'],
            rows: [
              ['layer1.0.conv1.weight', 6, 0.0123],
              ['layer1.1.conv1.weight', 5, 0.25],
            ],
            plot: {
              x: 'bits',
              y: 'error',
              series: [
                {
                  name: 'layer1.0.conv1.weight',
                  points: [
                    [8, 0.001],
                    [6, 0.0123],
                    [4, 0.2],
                  ],
                  marked: 6,
                },
                { name: 'a curve of one point', points: [[5, 0.25]] },
              ],
            },
          },
        ],
      },
      {
        name: 'fuse',
        effect: 'exact',
        modified: false,
        elapsedMs: 1.1,
        sizeBytes: Math.round(total * 0.12),
        statistics: {},
        tables: [],
      },
      {
        name: 'huffman',
        effect: 'exact',
        modified: true,
        elapsedMs: 31,
        sizeBytes: Math.round(total / 13),
        statistics: { 'streams.coded': 40 },
        tables: [],
      },
    ],
    layers,
    histograms: layers.slice(1, 16).map((layer, i) => sharedWeights(layer.name, i)),
    measuredOn: { data: 'test-images.npy', samples: 32 },
    quality: {
      data: 'test-images.npy',
      samples: 2000,
      outputSqnrDb: 21.34,
      agreement: 0.974,
      top1: { before: 1829, after: 1811 },
    },
    warnings: ['The model has no labels for 3 of its outputs: they were not scored.'],
    recipe: [
      { pass: 'fold-batch-norm', options: {} },
      { pass: 'prune', options: { density: 0.33 } },
      { pass: 'huffman', options: {} },
    ],
    command:
      'espalier compress resnet20-cifar10.onnx -o resnet20-small.espalier --recipe deep-compression --report out.html',
    seed: 1,
    versions: { espalier: '0.1.0', node: 'v20.20.2' },
  };
}

/** Bell-shaped weights, the small ones zeroed, the rest at one of 15 values. */
function sharedWeights(name: string, seed: number): ReturnType<typeof weightHistogram> {
  const before = Float32Array.from({ length: 8000 }, (_, i) => bell(i + seed * 8000) * 0.1);
  const after = before.map((x) => (Math.abs(x) < 0.05 ? 0 : Math.round(x / 0.03) * 0.03));
  return weightHistogram(
    name,
    before,
    after,
    [...new Set(after)].sort((a, b) => a - b),
  );
}

/** Sums of a low-discrepancy sequence: near enough to a normal distribution. */
function bell(i: number): number {
  let sum = -3;
  for (let k = 1; k <= 6; k++) sum += (i * Math.sqrt(k * 7 + 3) + k / 7) % 1;
  return sum;
}
