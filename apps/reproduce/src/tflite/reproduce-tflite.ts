import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequantizationRule } from '@espalier/core';
import { readTflite } from '@espalier/tflite';
import { requireShared, shared } from '../cifar.js';
import { formatCount, type Reproduction, type Section } from '../table.js';
import { imagesFor, scoresOf } from './cifar-scores.js';

const models = join(shared, 'models/mlperf-tiny');
const goldens = join(shared, 'conformance/tflite');
const adapter = fileURLToPath(new URL('./adapter.js', import.meta.url));

const networks: readonly { readonly file: string; readonly rules: readonly RequantizationRule[] }[] = [
  { file: 'pretrainedResnet.tflite', rules: ['onnx'] },
  { file: 'pretrainedResnet_quant.tflite', rules: ['tflite', 'tflite-double'] },
  { file: 'pretrainedResnet_large_float.tflite', rules: ['onnx'] },
  { file: 'pretrainedResnet_large_int8.tflite', rules: ['tflite', 'tflite-double'] },
];

/** CIFAR-10 by the files of MLPerf Tiny under each rule of rounding, and the goldens of TensorFlow Lite. */
export async function reproduceTflite(out: string): Promise<Reproduction> {
  requireShared(models);
  const rows: { file: string; fileBytes: number; rule: string; right: number; of: number }[] = [];
  for (const { file, rules } of networks) {
    const bytes = new Uint8Array(readFileSync(join(models, file)));
    const model = readTflite(bytes);
    for (const rule of rules) {
      const { right, of } = await scoresOf(model, rule, imagesFor(model, 'test'));
      rows.push({ file, fileBytes: bytes.length, rule, right, of });
      console.error(`${file} ${rule} done`);
    }
  }
  const suites = ['single', 'double'].map((rule) => goldenCounts(rule, out));
  return {
    title: 'TensorFlow Lite files, computed by its own rules',
    notes: [
      'Top-1 on the 2,000 CIFAR-10 test images. Rule `tflite` rounds once, as LiteRT does; `tflite-double` rounds twice, as TensorFlow Lite Micro does; a file of reals has neither.',
      'Goldens: those of `shared/conformance/tflite`, every element of every sample. Codes of 32 bits have no form here: they are refused by name.',
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
