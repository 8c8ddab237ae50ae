import { convI16ScratchBytes, packConvI16 } from '@espalier/kernels/wide';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { splitRows } from '../steps/conv-shape.js';
import { readSpread, sizesOf } from '../steps/conv-transpose.js';
import { drawnApart, places, turned } from '../steps/conv-transpose-int8.js';
import { weightOf } from '../steps/integer-weights.js';
import { needed } from '../steps/operands.js';
import { wideCodes, wideRoom } from './codes.js';
import { readWideProduct, sumsTooLarge } from './product.js';

/** ConvTranspose of int16 by int8 weights, as `planConvTransposeInt8`. @see TransposeConv of int16 in transpose_conv.h there */
export function planConvTransposeI16(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const spread = readSpread(job, weight.dims);
  if ('reason' in spread) return spread;
  const { channels, outputChannels, groups, kernel } = spread;
  if (groups !== 1) return refuse('groups have no form in this rule');
  const product = readWideProduct(job, weight, 1, outputChannels);
  if ('reason' in product) return product;
  const { x: from, y: to, low, high } = product;
  const { heap } = job.workspace;
  const shape = { outputChannels, channelsPerGroup: channels, groups: 1 };
  const packed = packConvI16({
    ...{ ...shape, kernelHeight: kernel[0], kernelWidth: kernel[1] },
    ...{ ...product, data: turned(product.data, channels, outputChannels, kernel[0] * kernel[1]) },
  });
  if (packed === null) return sumsTooLarge;
  const at = heap.place(packed);
  const fill = heap.place(new Int16Array(channels).fill(from.zero));
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [height, width] = sizesOf(job, x.dims, spread);
    const geometry = drawnApart(spread, x.dims[0] ?? 0, height, width);
    const { batch, outputHeight, outputWidth, inputHeight, inputWidth } = geometry;
    const table = recorder.held.place(places(spread, geometry, height, width, 2));
    const spatial = x.dims.length === 3 ? [outputWidth] : [outputHeight, outputWidth];
    const codes = wideCodes(recorder, x, 'channels-last');
    const pixels = inputHeight * inputWidth * batch;
    const apart = recorder.scratch(pixels * channels * 2);
    const room = wideRoom(recorder, [batch, outputChannels, ...spatial], 'channels-last', to);
    recorder.call('gatherRows', [pixels, channels * 2, table, codes, fill, apart]);
    splitRows(recorder, 'convI16', geometry, (rows) => {
      const bytes = convI16ScratchBytes(geometry);
      const args = [rows, apart, at, room.to, from.zero, to.zero, low, high];
      return [...args, recorder.scratch(bytes), bytes];
    });
    room.settle();
    return [room.y];
  };
  return { compute, packed: [1, 2] };
}
