/** Values on one grid: one that is computed, and those that movers make of it. */
export interface Joint {
  /** Of the value whose grid it is. */
  readonly name: string;
  /** Values of one sample: what a step between codes and reals goes over. */
  readonly elements: number;
  /** Power of what int8 codes for it alone do to the outputs, over that of the outputs. */
  readonly error: number;
  /** Whether it may have codes of 16 bits. */
  readonly canBeWide: boolean;
}

/** What is computed as a whole: a node, with the Relu or Clip behind it where that is computed with it. */
export interface Layer {
  /** Of the value it ends with. */
  readonly name: string;
  readonly op: string;
  /** Of the values that its steps end with. */
  readonly results: readonly string[];
  /** Indices of the grids that it reads and writes. */
  readonly joints: readonly number[];
  /** Power of what its rounded weights alone do to the outputs, over that of the outputs. */
  readonly error: number;
  /** What `exclude` calls it; empty where it computes as it does and nothing else. */
  readonly excludedAs: readonly string[];
  /** Whether it computes on codes, where it is not excluded. */
  readonly isInteger: boolean;
}

/** A model as a choice of forms sees it. */
export interface Network {
  readonly joints: readonly Joint[];
  /** In order of execution. */
  readonly layers: readonly Layer[];
}

/** What layers compute in: int8, where nothing else is said. */
export interface Choice {
  /** Joints with codes of 16 bits. */
  readonly wide: ReadonlySet<number>;
  /** Layers in float32. A joint between such layers alone has no codes. */
  readonly real: ReadonlySet<number>;
}

export const allInt8: Choice = { wide: new Set(), real: new Set() };

/** What the values of a joint are held as. */
export type Held = 'int8' | 'int16' | 'float32';

/** 16-bit codes are 256 times as fine, and symmetric, which may cost one bit of them. */
const wideShare = 1 / 128 ** 2;

/** How each joint is held. */
export function heldAs({ joints, layers }: Network, { wide, real }: Choice): readonly Held[] {
  const held = joints.map((): Held => 'float32');
  for (const [index, { joints: touched, isInteger }] of layers.entries()) {
    if (!isInteger || real.has(index)) continue;
    for (const joint of touched) held[joint] = wide.has(joint) ? 'int16' : 'int8';
  }
  return held;
}

/** Noise of the outputs over their signal, as far as the parts of it add up. */
export function errorOf(network: Network, choice: Choice): number {
  let error = 0;
  const held = heldAs(network, choice);
  for (const [index, joint] of network.joints.entries()) {
    if (held[index] === 'int8') error += joint.error;
    else if (held[index] === 'int16') error += joint.error * wideShare;
  }
  for (const [index, layer] of network.layers.entries()) {
    if (layer.isInteger && !choice.real.has(index)) error += layer.error;
  }
  return error;
}

/** One text for each choice. */
export function keyOf({ wide, real }: Choice): string {
  const sorted = (indices: ReadonlySet<number>): string => [...indices].sort((a, b) => a - b).join(',');
  return `${sorted(wide)};${sorted(real)}`;
}
