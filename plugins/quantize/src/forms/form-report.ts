import type { PerOp, ReportTable } from '@espalier/core';
import type { QuantizeOptions } from '../options.js';
import type { FormTimes } from './form-times.js';
import { allInt8, type Choice, heldAs, type Network } from './network.js';

/** The options that give a choice again, on every machine and without a clock. */
export function settled(options: QuantizeOptions, network: Network, choice: Choice): QuantizeOptions {
  // What is chosen wide, and stands between float layers alone, has no codes.
  const held = heldAs(network, choice);
  const named = network.joints.flatMap(({ name }, joint) => (held[joint] === 'int16' ? [name] : []));
  const excluded = [...choice.real]
    .sort((a, b) => a - b)
    .flatMap((layer) => network.layers[layer]?.excludedAs ?? []);
  return {
    ...options,
    activations: named.length === 0 ? options.activations : withWide(options.activations, named),
    exclude: [...options.exclude, ...excluded],
  };
}

function withWide(
  setting: QuantizeOptions['activations'],
  names: readonly string[],
): PerOp<'int8' | 'int16'> {
  const others = typeof setting === 'object' ? setting : { default: setting };
  return { ...others, ...Object.fromEntries(names.map((name) => [name, 'int16' as const])) };
}

/** What each layer computes in, and what that takes. */
export function timesTable(
  network: Network,
  choice: Choice,
  times: FormTimes,
  ms: number,
  floatMs: number,
): ReportTable {
  const held = heldAs(network, choice);
  return {
    title: `What layers compute in: ${ms.toFixed(2)} ms on this machine, ${times.of(allInt8).toFixed(2)} in int8, ${floatMs.toFixed(2)} in float32`,
    columns: ['layer', 'operator', 'computed in', 'ms', 'its codes and weights in int8, they alone'],
    rows: network.layers.flatMap((layer, index) => {
      if (!layer.isInteger) return [];
      const around = layer.joints.map((joint) => held[joint]);
      const form = choice.real.has(index) ? 'float32' : around.includes('int16') ? 'int16' : 'int8';
      // A value is told of where it is made.
      const made = network.joints.findIndex(({ name }) => layer.results.includes(name));
      const error = layer.error + (network.joints[made]?.error ?? 0);
      return [
        [
          layer.name,
          layer.op,
          form,
          times.ofLayer(index, choice).toFixed(3),
          error === 0 ? 'exact' : `${(-10 * Math.log10(error)).toFixed(1)} dB`,
        ],
      ];
    }),
  };
}

/** What to write into a recipe. */
export function settingsTable({ activations, exclude }: QuantizeOptions): ReportTable {
  return {
    title: 'Options that give the same again, without a clock',
    columns: ['option', 'value'],
    rows: [
      ['activations', JSON.stringify(activations)],
      ['exclude', JSON.stringify(exclude)],
    ],
  };
}
