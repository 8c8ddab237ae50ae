import { quantization } from '@espalier/core';
import type { Workspace } from '@espalier/runtime/tape';
import type { FixedCall } from '../network/fixed-call.js';
import { Grid } from './grid.js';

/**
 * The grid of a bias: int32, in units of the scale of what is multiplied times that of the weights, whatever these become.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 2.4
 */
export class BiasGrid extends Grid {
  readonly input: Grid;
  readonly weight: Grid;

  /** @param lastAxis - of the bias: where it has a number for each channel, they lie along it */
  constructor(workspace: Workspace, name: string, lastAxis: number, input: Grid, weight: Grid) {
    const scale = new Float32Array(weight.slices).fill(1);
    const axis = weight.axis === null ? null : lastAxis;
    // float32 holds the ends of int32 to 2^-24 of them, and no bias gets near.
    super(workspace, {
      ...{ name, low: -(2 ** 31), high: 2 ** 31 },
      parameters: quantization({ scale, axis, storageType: 'int32' }),
    });
    this.input = input;
    this.weight = weight;
  }

  override get sources(): readonly Grid[] {
    return [this.input, this.weight];
  }

  override get prepare(): readonly FixedCall[] {
    const { slices, scales, weight, input } = this;
    const args = [1, slices, weight.scales, input.scales, 0, 0, scales, -Infinity, Infinity];
    return [{ kernel: 'mulF32', args }];
  }
}
