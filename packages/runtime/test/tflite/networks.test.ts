import { existsSync, readFileSync } from 'node:fs';
import { type DataType, Tensor, toNumbers } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { tfliteFormat } from '@espalier/tflite';
import { describe, expect, test } from 'vitest';
import { readNpy, sampleOf } from './goldens.js';

const models = new URL('../../../../../shared/models/', import.meta.url);
const data = new URL('../data/cifar10/', models);
const areThere = existsSync(models);
if (!areThere) console.log('skipped: shared/models is not beside the repository');

function array(path: string): Tensor {
  return readNpy(new URL(path, models));
}

/** The arrays of `expected.json`: the outputs of LiteRT, sample by sample. */
function expectedOf(folder: string, model: string): readonly (readonly number[])[] {
  const text = readFileSync(new URL(`${folder}/expected.json`, models), 'utf8');
  const entry = (JSON.parse(text) as Record<string, { readonly output: readonly (readonly number[])[] }>)[
    model
  ];
  return entry?.output ?? [];
}

/** What the model gives for each sample, one after the other. */
async function outputsOf(path: string, inputs: Tensor): Promise<readonly (readonly number[])[]> {
  const bytes = new Uint8Array(readFileSync(new URL(path, models)));
  const session = await InferenceSession.create(bytes, { formats: [tfliteFormat] });
  const [input] = session.inputMetadata;
  const results: (readonly number[])[] = [];
  for (let index = 0; index < (inputs.dims[0] ?? 0); index++) {
    const sample = sampleOf(inputs, index);
    const shape = (input?.shape ?? []).map((dim) => (typeof dim === 'number' ? dim : 1));
    const results1 = await session.run({ [input?.name ?? '']: sample.reshape(shape) });
    const [output] = Object.values(results1);
    results.push(output === undefined ? [] : Array.from(toNumbers(output)));
  }
  await session.release();
  return results;
}

/** Elements as another type, each by a function. */
function mapped(tensor: Tensor, type: 'int8' | 'float32', of: (value: number) => number): Tensor {
  const values = Array.from(toNumbers(tensor), of);
  return type === 'int8'
    ? new Tensor('int8', Int8Array.from(values), tensor.dims)
    : new Tensor('float32', Float32Array.from(values), tensor.dims);
}

function firstOf(tensor: Tensor, count: number): Tensor {
  const size = tensor.size / (tensor.dims[0] ?? 1);
  return new Tensor(tensor.type as DataType, tensor.data.slice(0, count * size) as never, [
    count,
    ...tensor.dims.slice(1),
  ]);
}

describe.skipIf(!areThere)('networks of shared/models compute what LiteRT computes', () => {
  const vww = areThere ? array('mlperf-tiny/samples/vww-inputs.npy') : new Tensor('uint8', new Uint8Array());

  test('keyword spotting', async () => {
    const input = array('mlperf-tiny/samples/kws-on-input.npy');
    expect(await outputsOf('mlperf-tiny/kws_ref_model.tflite', input)).toEqual(
      expectedOf('mlperf-tiny', 'kws_ref_model.tflite'),
    );
  });

  test('keyword spotting with weights of which some are int8 finds the same word', async () => {
    const input = array('mlperf-tiny/samples/kws-on-input.npy');
    const reals = mapped(input, 'float32', (code) => Math.fround(0.584702909) * (code - 83));
    const [output = []] = await outputsOf('mlperf-tiny/kws_ref_model_float32.tflite', reals);
    expect(output.indexOf(Math.max(...output))).toBe(5);
  });

  test('visual wake words', async () => {
    const codes = mapped(vww, 'int8', (pixel) => pixel - 128);
    expect(await outputsOf('mlperf-tiny/vww_96_int8.tflite', codes)).toEqual(
      expectedOf('mlperf-tiny', 'vww_96_int8.tflite'),
    );
    const reals = mapped(vww, 'float32', (pixel) => pixel / 255);
    const found = await outputsOf('mlperf-tiny/vww_96_float.tflite', reals);
    for (const [index, row] of expectedOf('mlperf-tiny', 'vww_96_float.tflite').entries()) {
      for (const [place, wanted] of row.entries()) expect(found[index]?.[place]).toBeCloseTo(wanted, 4);
    }
  });

  test('anomaly detection', async () => {
    const input = array('mlperf-tiny/samples/ad01_int8-inputs.npy');
    const wanted = array('mlperf-tiny/samples/ad01_int8-outputs.npy');
    expect((await outputsOf('mlperf-tiny/ad01_int8.tflite', input)).flat()).toEqual(
      Array.from(toNumbers(wanted)),
    );
  });

  test('person detection and micro speech', async () => {
    for (const name of ['person_detect', 'micro_speech']) {
      const file = name === 'micro_speech' ? `${name}_quantized.tflite` : `${name}.tflite`;
      const input = array(`tflite-micro/samples/${name}-inputs.npy`);
      expect(await outputsOf(`tflite-micro/${file}`, input)).toEqual(expectedOf('tflite-micro', file));
    }
  });

  test.each(['pretrainedResnet', 'pretrainedResnet_large'])(
    '%s on CIFAR-10, float32 and int8',
    async (name) => {
      const isLarge = name.endsWith('large');
      const images = firstOf(readNpy(new URL('test-images.npy', data)), isLarge ? 40 : 200);
      const wanted = (file: string): Tensor =>
        firstOf(array(`mlperf-tiny/samples/${file}-cifar10-first200-outputs.npy`), images.dims[0] ?? 0);
      const [floatFile, intFile] = isLarge ? [`${name}_float`, `${name}_int8`] : [name, `${name}_quant`];
      const codes = mapped(images, 'int8', (pixel) => pixel - 128);
      expect((await outputsOf(`mlperf-tiny/${intFile}.tflite`, codes)).flat()).toEqual(
        Array.from(toNumbers(wanted(intFile))),
      );
      const reals = mapped(images, 'float32', (pixel) => pixel);
      const found = (await outputsOf(`mlperf-tiny/${floatFile}.tflite`, reals)).flat();
      const right = toNumbers(wanted(floatFile));
      const worst = found.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - (right[index] ?? 0))),
        0,
      );
      expect(worst).toBeLessThan(1e-4);
    },
  );
});
