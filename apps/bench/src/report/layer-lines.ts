import type { LayerTiming } from '../measure/layers.js';
import { productName } from '../models/layer-models.js';
import type { HostFacts, Results } from './results.js';
import { short } from './timing-table.js';

/** Wanted of the product of large matrices, as a share of the peak; and of a pruned layer over its dense twin. */
const wanted = { peakShare: 0.9, prunedGain: 2, loadMs: 60 };

function mark(holds: boolean): string {
  return holds ? '✓' : '✗';
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

/** What single layers and loading took, a sentence each, with what was wanted. */
export function layerLines({ hosts, layers, load }: Results): readonly string[] {
  const lines = hosts.flatMap((facts) => {
    const own = layers.filter(({ host }) => host === facts.name);
    return [...productLines(own), ...prunedLines(facts, own)];
  });
  if (load === null) return lines;
  const holds = load.medianMs < wanted.loadMs;
  return [
    ...lines,
    `node, MobileNetV1 int8 from bytes to the first result in a new process: ${short(load.medianMs)} ms (least ${short(load.leastMs)}), < ${wanted.loadMs} wanted ${mark(holds)}`,
  ];
}

function productLines(layers: readonly LayerTiming[]): readonly string[] {
  return layers
    .filter(({ layer }) => layer === productName)
    .map(({ layer, host, type, gmacPerSecond, shareOfPeak: share }) => {
      const rate = `${host}, ${layer}, ${type}: ${short(gmacPerSecond)} GMAC/s`;
      if (share === null) return rate;
      return `${rate}, ${percent(share)} of the peak beside it, ${percent(wanted.peakShare)} wanted ${mark(share >= wanted.peakShare)}`;
    });
}

function prunedLines({ name }: HostFacts, layers: readonly LayerTiming[]): readonly string[] {
  return layers
    .filter(({ density }) => density < 1)
    .flatMap((pruned) => {
      const dense = layers.find(
        (one) => one.layer === pruned.layer && one.type === pruned.type && one.density === 1,
      );
      if (dense === undefined) return [];
      const gain = dense.ms / pruned.ms;
      return `${name}, ${pruned.layer}, ${pruned.type}, ${percent(1 - pruned.density)} pruned: ${short(gain)} times as fast as dense (${short(pruned.ms)} of ${short(dense.ms)} ms), ${wanted.prunedGain} wanted ${mark(gain >= wanted.prunedGain)}`;
    });
}

/** The machine's peaks of one host in a line. */
export function peakLine({ name, version, peaks, binary }: HostFacts): string {
  const parts = [
    ['dot16', peaks.dot16],
    ['float32 multiply and add', peaks.f32],
    ['relaxed dot', peaks.relaxedDot],
    ['relaxed multiply-add', peaks.relaxedMadd],
  ] as const;
  const known = parts.flatMap(([title, rate]) => (rate === null ? [] : `${title} ${short(rate)}`));
  return `${name} ${version}, kernels "${binary}", peaks in GMAC/s: ${known.join(', ') || 'not measured'}`;
}
