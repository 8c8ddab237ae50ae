import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { needed } from '../steps/operands.js';
import { gridsOf } from '../steps/pool.js';
import { roundingOf } from './rounding.js';

/** Fractions of a pixel are counted in 2^-10. */
const unit = 1 << 10;

interface Tap {
  readonly lower: number;
  readonly upper: number;
  /** Of the upper one, in units; that of the lower is the rest. */
  readonly weight: number;
}

/**
 * Linear Resize of images to known sizes, in integers.
 *
 * @see ResizeBilinearInteger in tensorflow/lite/kernels/internal/reference/resize_bilinear.h
 */
export function planResizeLinear(job: Job): Planned | Refusal {
  const { attributes, inputs: values } = job.node;
  const grids = gridsOf(job);
  if (grids === null || !sameGrid(grids.x, grids.y))
    return refuse('its input and its result are not on one int8 grid');
  const mode = attributes.string('coordinate_transformation_mode', 'half_pixel');
  const known = ['half_pixel', 'align_corners', 'asymmetric'].includes(mode);
  if (attributes.string('mode', 'nearest') !== 'linear' || !known)
    return refuse('its mode is not implemented');
  const sizes = job.constant(values[3]);
  if (sizes?.size !== 4) return refuse('its sizes are not constant');
  const [outputHeight = 0, outputWidth = 0] = Array.from(sizes.data as BigInt64Array, Number).slice(2);
  const half = roundingOf(job.form.rule) === 'once';
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [batch = 0, channels = 0, height = 0, width = 0] = x.dims;
    const dims = [batch, channels, outputHeight, outputWidth];
    const y = Activation.codes(recorder, dims, 'channels-last', grids.y);
    x.codes('channels-last');
    y.codes('channels-last');
    const [rows, columns] = [tapsOf(height, outputHeight, mode), tapsOf(width, outputWidth, mode)];
    recorder.host(() => {
      const [from, to] = [x.codeView('channels-last'), y.codeView('channels-last')];
      let at = 0;
      for (let image = 0; image < batch; image++) {
        for (const row of rows) {
          const top = (image * height + row.lower) * width;
          const bottom = (image * height + row.upper) * width;
          for (const column of columns) {
            const places = [
              top + column.lower,
              top + column.upper,
              bottom + column.lower,
              bottom + column.upper,
            ];
            const [a = 0, b = 0, c = 0, d = 0] = places.map((place) => place * channels);
            for (let i = 0; i < channels; i++) {
              const upper = mix(from[a + i] ?? 0, from[b + i] ?? 0, column.weight);
              const lower = mix(from[c + i] ?? 0, from[d + i] ?? 0, column.weight);
              to[at++] = rounded(mix(upper, lower, row.weight), half);
            }
          }
        }
      }
    });
    return [y];
  };
  return { compute, packed: [1, 2, 3] };
}

function mix(lower: number, upper: number, weight: number): number {
  return lower * (unit - weight) + upper * weight;
}

/** A number of 2^-20 steps to a whole one: halves up, or away from zero. */
function rounded(value: number, halvesUp: boolean): number {
  const steps = value / 2 ** 20;
  return halvesUp ? Math.floor(steps + 0.5) : Math.trunc(steps + (value > 0 ? 0.5 : -0.5));
}

function tapsOf(input: number, output: number, mode: string): readonly Tap[] {
  const [from, to] = mode === 'align_corners' && output > 1 ? [input - 1, output - 1] : [input, output];
  const step = Math.trunc((unit * from + Math.trunc(to / 2)) / to);
  const start = mode === 'half_pixel' ? Math.trunc(step / 2) - unit / 2 : 0;
  return Array.from({ length: output }, (_, index) => {
    const position = index * step + start;
    const lower = Math.max(Math.trunc(position / unit), 0);
    const upper = Math.min(Math.trunc((position + unit - 1) / unit), input - 1);
    return { lower, upper, weight: position - unit * lower };
  });
}
