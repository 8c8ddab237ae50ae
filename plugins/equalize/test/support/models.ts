import type { Model } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';

/** Channels of very different ranges through a depthwise layer, as separable networks have them. */
export const separable = (): Model =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 1, 1] = random(1)
    constant b: float32[4] = random(2)
    constant d: float32[4, 1, 3, 3] = [${Array.from({ length: 36 }, (_, i) => 10 ** Math.floor(i / 9 - 2) * ((i % 5) - 2.5)).join(', ')}]
    constant e: float32[4] = random(3)
    constant v: float32[5, 4, 1, 1] = random(4)
    a = Conv(x, w, b)
    r = Relu(a)
    c = Conv(r, d, e) { group: 4, pads: [1, 1, 1, 1] }
    s = Relu(c)
    y = Conv(s, v)
    output y
  `);

/** A depthwise network as training leaves some: channels with weights of 1e-30 and a bias, which are constant or never open. */
export const emptied = (): Model =>
  parseModel(`
    input x: float32[1, 1, 4, 4]
    constant w: float32[4, 1, 1, 1] = [1, -0.5, 2e-30, 1e-30]
    constant b: float32[4] = [0.5, 0.25, 0.04, -0.03]
    constant d: float32[4, 1, 1, 1] = [0.5, 0.25, 9, -8]
    constant e: float32[4] = [0.25, 0.1, 0.3, -0.2]
    constant v: float32[2, 4, 1, 1] = [1, 2, 1e-30, 3, 0.5, -1, 2e-30, 1]
    a = Conv(x, w, b)
    r = Relu(a)
    c = Conv(r, d, e) { group: 4 }
    s = Relu(c)
    y = Conv(s, v)
    output y
  `);

/** Four channels behind a Relu6: the first reaches its bound on the data, the others stay well below it. */
export const bounded = (): Model =>
  parseModel(`
    input x: float32[N, 1, 2, 2]
    constant w: float32[4, 1, 1, 1] = [9, 0.5, 0.02, 1]
    constant b: float32[4] = [0.25, 0.5, 0.01, 0]
    constant lo: float32[] = [0]
    constant hi: float32[] = [6]
    constant v: float32[3, 4, 1, 1] = [0.1, 4, 8, 0.1, 0.2, -4, 3, 0.2, -0.1, 2, 9, 0.3]
    a = Conv(x, w, b)
    r = Clip(a, lo, hi)
    y = Conv(r, v)
    output y
  `);

/** Four channels, of which two never fall below a bias: behind a Relu, before a layer that does not pad. */
export const raised = (): Model =>
  parseModel(`
    input x: float32[N, 2, 3, 3]
    constant w: float32[4, 2, 1, 1] = [0.5, 0.25, -0.5, 0.5, 1, -0.5, 0.125, -0.25]
    constant b: float32[4] = [4, 0.25, -0.5, 2]
    constant v: float32[3, 4, 2, 2] = random(5)
    constant c: float32[3] = random(6)
    a = Conv(x, w, b)
    r = Relu(a)
    y = Conv(r, v, c)
    output y
  `);
