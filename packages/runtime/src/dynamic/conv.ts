import { elementCount } from '@espalier/core';
import {
  dynamicScratchBytes,
  packConvDynamic,
  packDepthwiseDynamic,
  UNIT_BYTES,
  weightFormatNumber,
} from '@espalier/kernels/dynamic';
import { Activation } from '../memory/activation.js';
import type { Compute, Job, Planned, Refusal } from '../plan/job.js';
import { convShape, placing, splitRows } from '../steps/conv-shape.js';
import { needed } from '../steps/operands.js';
import { readWindow } from '../steps/window.js';
import { rangeCodes, wayOf } from './codes.js';
import { readColumns } from './columns.js';
import { rangesOf } from './product-node.js';

/** Conv of codes of run-time ranges by int8 weights; the result in float32. */
export function planDynamicConv(job: Job): Planned | Refusal {
  const columns = readColumns(job, 0);
  if ('reason' in columns) return columns;
  const shape = convShape(job, columns.dims);
  if ('reason' in shape) return shape;
  const window = readWindow(job.node.attributes, shape.kernel);
  if ('reason' in window) return window;
  const place = placing(job, shape, window);
  const { weightFormat } = job.workspace.kernels;
  const ranges = rangesOf(job.node);
  const depthwise = shape.depthwise && ranges !== 'vector';
  const isEach = shape.groups > 1 && shape.channelsPerGroup === 1;
  const weights = { ...shape, ...columns, dilationWidth: window.dilations.at(-1) ?? 1 };
  const packed = job.workspace.heap.place(
    depthwise ? packDepthwiseDynamic(weights) : packConvDynamic(weights, weightFormat),
  );
  const way = wayOf(job.form, isEach);
  const ends = [job.clamp.low, job.clamp.high, way];
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.reals(recorder, outputDims, 'channels-last');
    const to = output.reals('channels-last');
    const { batch, inputChannels } = geometry;
    const size = elementCount(input.dims);
    const runs = { tensor: 1, sample: batch, vector: size / Math.max(inputChannels, 1) }[ranges];
    const count = size / Math.max(runs, 1);
    const { codes, units } = rangeCodes(recorder, way, input.reals('channels-last'), { ranges: runs, count });
    const imageStep = ranges === 'sample' ? UNIT_BYTES : 0;
    splitRows(
      recorder,
      depthwise ? 'depthwiseConvDynamic' : 'convDynamic',
      geometry,
      (rows) => {
        if (depthwise) return [rows, codes, units, imageStep, packed, to, ...ends];
        const bytes = dynamicScratchBytes(geometry);
        const steps = [imageStep, ranges === 'vector' ? UNIT_BYTES : 0];
        const scratch = [recorder.scratch(bytes), bytes];
        return [
          rows,
          codes,
          units,
          ...steps,
          packed,
          to,
          ...ends,
          weightFormatNumber(weightFormat),
          ...scratch,
        ];
      },
      { seesImages: imageStep !== 0 },
    );
    return [output];
  };
  return { compute, packed: [1, 2] };
}
