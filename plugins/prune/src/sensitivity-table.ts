import type { ReportTable, Weight } from '@espalier/core';
import type { Judgement } from './judge.js';

/** A layer that may be pruned, and what came of it. */
export interface TriedLayer {
  readonly weight: Weight;
  readonly values: Float32Array;
  /** One for each density that was tried. */
  readonly judgements: readonly Judgement[];
}

/**
 * What became of the model with each layer pruned alone, and the density that the layer was given.
 *
 * @param tried - densities, one for each judgement of a layer
 * @param after - of the model with all layers pruned as chosen; `before` of the one that came
 * @param samples - what it was judged on, in words
 */
export function sensitivityTable(
  layers: readonly TriedLayer[],
  tried: readonly number[],
  chosen: readonly number[],
  { before, after }: { readonly before: Judgement; readonly after: Judgement },
  samples: string,
): ReportTable {
  const { name, of } = measureFor(after);
  const total = layers.reduce((sum, { values }) => sum + values.length, 0);
  const kept = layers.reduce((sum, { values }, i) => sum + (chosen[i] ?? 1) * values.length, 0);
  return {
    title: `Each layer pruned alone: ${name}, on ${samples}`,
    columns: ['weight', 'weights', ...tried.map((density) => `${percent(density)} %`), 'kept, %'],
    rows: [
      ...layers.map(({ weight, values, judgements }, i) => [
        weight.name,
        values.length,
        ...judgements.map(of),
        percent(chosen[i] ?? 1),
      ]),
      [
        `all as chosen: ${of(after)}, was ${of(before)}`,
        total,
        ...tried.map(() => ''),
        percent(total === 0 ? 1 : kept / total),
      ],
    ],
    plot: {
      x: 'density',
      y: name,
      series: layers.map(({ weight, judgements }, i) => ({
        name: weight.name,
        points: [before, ...judgements].map((judgement, k) => [tried[k - 1] ?? 1, of(judgement)] as const),
        marked: chosen[i] ?? 1,
      })),
    },
  };
}

/** Right answers say most; where there are none, what is left of the outputs. */
function measureFor({ accuracy, agreement }: Judgement): {
  readonly name: string;
  of(judgement: Judgement): number;
} {
  if (accuracy !== null) return { name: 'right answers in %', of: (one) => percent(one.accuracy ?? 0) };
  if (agreement !== null) return { name: 'answers as before in %', of: (one) => percent(one.agreement ?? 0) };
  return { name: 'power of the change of the outputs in %', of: ({ noise }) => percent(Math.min(noise, 1)) };
}

/** With one digit behind the point. */
function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}
