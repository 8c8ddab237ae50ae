import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RequantizationRule, Tensor } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { readTflite } from '@espalier/tflite';
import { formatCount, type Reproduction, type Section } from '../table.js';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const models = join(shared, 'models/mlperf-tiny');
const goldens = join(shared, 'conformance/tflite');
const adapter = fileURLToPath(new URL('./adapter.js', import.meta.url));

const pixelsOfImage = 32 * 32 * 3;

const networks: readonly { readonly file: string; readonly rules: readonly RequantizationRule[] }[] = [
  { file: 'pretrainedResnet.tflite', rules: ['onnx'] },
  { file: 'pretrainedResnet_quant.tflite', rules: ['tflite', 'tflite-double'] },
  { file: 'pretrainedResnet_large_float.tflite', rules: ['onnx'] },
  { file: 'pretrainedResnet_large_int8.tflite', rules: ['tflite', 'tflite-double'] },
];

/** CIFAR-10 by the files of MLPerf Tiny under each rule of rounding, and the goldens of TensorFlow Lite. */
export async function reproduceTflite(out: string): Promise<Reproduction> {
  if (!existsSync(models))
    throw new Error(
      'The models of MLPerf Tiny and CIFAR-10 are expected in ../shared, beside the repository.',
    );
  const images = npy('test-images.npy');
  const labels = npy('test-labels.npy');
  const rows: { file: string; fileBytes: number; rule: string; right: number; of: number }[] = [];
  for (const { file, rules } of networks) {
    const bytes = new Uint8Array(readFileSync(join(models, file)));
    for (const rule of rules) {
      const right = await rightOf(bytes, rule, images, labels);
      rows.push({ file, fileBytes: bytes.length, rule, right, of: labels.length });
      console.error(`${file} ${rule} done`);
    }
  }
  const suites = ['single', 'double'].map((rule) => goldenCounts(rule, out));
  return {
    title: 'TensorFlow Lite files, computed by its own rules',
    notes: [
      'Top-1 on the 2,000 CIFAR-10 test images. Rule `tflite` rounds once, as LiteRT does; `tflite-double` rounds twice, as TensorFlow Lite Micro does; a file of reals has neither.',
      'Goldens: those of `shared/conformance/tflite`, every element of every sample. Operators with 16-bit codes have no kernels here: they are refused by name.',
    ],
    head: ['file', 'bytes', 'rule', 'right', 'top-1'],
    cells: rows.map(({ file, fileBytes, rule, right, of }) => [
      file,
      formatCount(fileBytes),
      rule === 'onnx' ? 'float32' : rule,
      `${right} of ${of}`,
      `${((100 * right) / of).toFixed(2)} %`,
    ]),
    sections: [goldenSection(suites)],
    data: { rows, goldens: suites },
  };
}

function npy(name: string): Uint8Array {
  const bytes = readFileSync(join(shared, 'data/cifar10', name));
  return new Uint8Array(bytes.subarray(10 + bytes.readUInt16LE(8)));
}

/** How many images get the class of their label; of equal scores the lower class counts. */
async function rightOf(
  bytes: Uint8Array,
  requantization: RequantizationRule,
  images: Uint8Array,
  labels: Uint8Array,
): Promise<number> {
  const session = await InferenceSession.create(readTflite(bytes), { requantization });
  const [input] = session.inputMetadata;
  let right = 0;
  for (const [index, label] of labels.entries()) {
    const pixels = images.subarray(index * pixelsOfImage, (index + 1) * pixelsOfImage);
    const dims = [1, 32, 32, 3];
    const image =
      input?.type === 'int8'
        ? new Tensor(
            'int8',
            Int8Array.from(pixels, (pixel) => pixel - 128),
            dims,
          )
        : new Tensor('float32', Float32Array.from(pixels), dims);
    const [scores] = Object.values(await session.run({ [input?.name ?? '']: image }));
    const values = Array.from((scores?.data ?? []) as ArrayLike<number>);
    if (values.indexOf(Math.max(...values)) === label) right++;
  }
  await session.release();
  return right;
}

interface Goldens {
  readonly rule: string;
  readonly rows: readonly { readonly dtype: string; readonly status: string }[];
}

function goldenCounts(rule: string, out: string): Goldens {
  mkdirSync(out, { recursive: true });
  const file = join(out, `tflite-goldens-${rule}.json`);
  execFileSync(process.execPath, [
    ...[join(goldens, 'run.mjs'), '--adapter', adapter, '--rule', rule, '--json', file],
  ]);
  console.error(`goldens ${rule} done`);
  return JSON.parse(readFileSync(file, 'utf8')) as Goldens; // of the runner
}

function goldenSection(suites: readonly Goldens[]): Section {
  const kinds = [...new Set(suites.flatMap(({ rows }) => rows.map(({ dtype }) => dtype)))];
  const cells = kinds.flatMap((kind) =>
    suites.map(({ rule, rows }) => {
      const own = rows.filter(({ dtype }) => dtype === kind);
      const count = (status: string): string => String(own.filter((row) => row.status === status).length);
      const name = rule === 'single' ? 'tflite' : 'tflite-double';
      return [kind, name, String(own.length), count('pass'), count('unsupported'), count('fail')];
    }),
  );
  return {
    heading: 'Goldens of TensorFlow Lite',
    head: ['types', 'rule', 'cases', 'right', 'refused', 'wrong'],
    cells,
  };
}
