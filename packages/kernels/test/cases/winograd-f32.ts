import type { Geometry } from '../../src/geometry.js';
import { clamp } from '../plain.js';

const f = Math.fround;
type Four = [number, number, number, number];
type Square = [Four, Four, Four, Four];

/** B' d: one column or row of inputs. */
const inputStep = ([a, b, c, d]: Four): Four => [f(a - c), f(b + c), f(c - b), f(b - d)];
/** G g in float64. */
const weightStep = (a: number, b: number, c: number): Four => [a, (a + b + c) / 2, (a - b + c) / 2, c];
/** A' m. */
const outputStep = ([a, b, c, d]: Four): [number, number] => [f(f(a + b) + c), f(f(b - c) - d)];

function transpose(m: Square): Square {
  const column = (i: number): Four => [m[0][i]!, m[1][i]!, m[2][i]!, m[3][i]!];
  return [column(0), column(1), column(2), column(3)];
}

/** F(2 x 2, 3 x 3) of Lavin and Gray (arXiv:1509.09308), section 4.1, every step but the kernels' in float32. */
export function winogradOutput(
  g: Geometry,
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array | undefined,
  range: readonly [number, number],
): Float32Array {
  const y = new Float32Array(g.batch * g.outputHeight * g.outputWidth * g.outputChannels);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy += 2) {
      for (let ox = 0; ox < g.outputWidth; ox += 2) {
        const inputs = Array.from({ length: g.inputChannels }, (_, c) => tileInput(g, x, image, oy, ox, c));
        for (let n = 0; n < g.outputChannels; n++) {
          const sums = tileSums(inputs, w, n, bias?.[n] ?? 0);
          const columns = transpose(sums).map(outputStep);
          for (const dy of [0, 1] as const) {
            const row = outputStep([columns[0]![dy], columns[1]![dy], columns[2]![dy], columns[3]![dy]]);
            for (const dx of [0, 1] as const) {
              if (oy + dy >= g.outputHeight || ox + dx >= g.outputWidth) continue;
              const pixel = (image * g.outputHeight + oy + dy) * g.outputWidth + ox + dx;
              y[pixel * g.outputChannels + n] = clamp(row[dx], range[0], range[1]);
            }
          }
        }
      }
    }
  }
  return y;
}

/** The transformed 4 x 4 inputs of a tile. */
function tileInput(g: Geometry, x: Float32Array, image: number, oy: number, ox: number, c: number): Square {
  const at = (i: number, j: number): number => {
    const [iy, ix] = [oy - g.padTop + i, ox - g.padLeft + j];
    if (iy < 0 || ix < 0 || iy >= g.inputHeight || ix >= g.inputWidth) return 0;
    return x[((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + c]!;
  };
  const column = (j: number): Four => inputStep([at(0, j), at(1, j), at(2, j), at(3, j)]);
  const [a, b, c2, d] = transpose([column(0), column(1), column(2), column(3)]);
  return [inputStep(a), inputStep(b), inputStep(c2), inputStep(d)];
}

/** Sums over channels, the bias in the element that every output has. */
function tileSums(inputs: readonly Square[], w: Float32Array, n: number, bias: number): Square {
  const zero = (): Four => [0, 0, 0, 0];
  const sums: Square = [zero(), [0, bias, 0, 0], zero(), zero()];
  for (const [c, input] of inputs.entries()) {
    const k = w.subarray((n * inputs.length + c) * 9);
    const columns = [0, 1, 2].map((j) => weightStep(k[j]!, k[j + 3]!, k[j + 6]!));
    for (let i = 0; i < 4; i++) {
      const row = weightStep(columns[0]![i]!, columns[1]![i]!, columns[2]![i]!);
      for (let j = 0; j < 4; j++) sums[i]![j] = f(sums[i]![j]! + f(input[i]![j]! * f(row[j]!)));
    }
  }
  return sums;
}
