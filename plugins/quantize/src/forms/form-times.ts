import type { RunTimes } from '@espalier/core';
import { allInt8, type Choice, type Held, heldAs, type Layer, type Network } from './network.js';

/** The same model in four extremes: what mixtures of them are estimated from. */
export interface Extremes {
  readonly int8: RunTimes;
  /** null where the rule has no mixture of 8 and 16 bits. */
  readonly int16: RunTimes | null;
  readonly float32: RunTimes;
  /** Computed in float32, and every value on its grid between: what steps between codes and reals take. */
  readonly gridded: RunTimes;
}

/**
 * Tells what a choice takes. A layer's time depends on its own form and on those of the values around it; a combination that
 * has not been timed is estimated, and known once a trial of it was.
 */
export class FormTimes {
  readonly #network: Network;
  readonly #extremes: Extremes;
  /** Of each layer, by its combination. */
  readonly #known: readonly Map<number, number>[];
  /** Milliseconds for a value that is put on a grid, or taken off. */
  readonly #perElement: number;
  /** What belongs to no layer: inputs and outputs. */
  readonly #rest: number;

  constructor(network: Network, extremes: Extremes) {
    this.#network = network;
    this.#extremes = extremes;
    this.#known = network.layers.map(() => new Map());
    this.#perElement = stepsPerElement(network, extremes);
    this.#rest = restOf(network, extremes.int8);
    this.learn(allInt8, extremes.int8);
  }

  /** Takes over what the layers took in a trial. */
  learn(choice: Choice, times: RunTimes): void {
    const held = heldAs(this.#network, choice);
    for (const [index, layer] of this.#network.layers.entries())
      this.#known[index]?.set(this.#combination(index, choice, held), msOf(layer, times));
  }

  /** Milliseconds of a run. */
  of(choice: Choice): number {
    const held = heldAs(this.#network, choice);
    let ms = this.#rest;
    for (const index of this.#network.layers.keys()) ms += this.#layer(index, choice, held);
    return ms;
  }

  /** Milliseconds of one layer. */
  ofLayer(index: number, choice: Choice): number {
    return this.#layer(index, choice, heldAs(this.#network, choice));
  }

  #layer(index: number, choice: Choice, held: readonly Held[]): number {
    const known = this.#known[index]?.get(this.#combination(index, choice, held));
    if (known !== undefined) return known;
    const { layers, joints } = this.#network;
    const layer = layers[index] as Layer; // of the list
    const { int8, int16, float32 } = this.#extremes;
    if (layer.isInteger && !choice.real.has(index))
      return msOf(layer, layer.joints.some((joint) => held[joint] === 'int16') ? (int16 ?? int8) : int8);
    const onGrids = layer.joints.filter((joint) => held[joint] !== 'float32');
    const elements = onGrids.reduce((sum, joint) => sum + (joints[joint]?.elements ?? 0), 0);
    return msOf(layer, float32) + elements * this.#perElement;
  }

  /** A digit for each joint around a layer, in base 3: a search asks for millions of them. */
  #combination(index: number, { real }: Choice, held: readonly Held[]): number {
    let digits = real.has(index) ? 1 : 0;
    for (const joint of this.#network.layers[index]?.joints ?? [])
      digits = 3 * digits + (held[joint] === 'float32' ? 2 : held[joint] === 'int16' ? 1 : 0);
    return digits;
  }
}

function msOf({ results }: Layer, { steps }: RunTimes): number {
  return results.reduce((sum, result) => sum + (steps.get(result) ?? 0), 0);
}

function restOf({ layers }: Network, times: RunTimes): number {
  return Math.max(0, times.ms - layers.reduce((sum, layer) => sum + msOf(layer, times), 0));
}

/** Of layers with weights: others compute on codes wherever they find some. */
function stepsPerElement({ layers, joints }: Network, { float32, gridded }: Extremes): number {
  let [ms, elements] = [0, 0];
  for (const layer of layers) {
    if (layer.error === 0 || !layer.isInteger) continue;
    ms += msOf(layer, gridded) - msOf(layer, float32);
    elements += layer.joints.reduce((sum, joint) => sum + (joints[joint]?.elements ?? 0), 0);
  }
  return elements === 0 ? 0 : Math.max(0, ms) / elements;
}
