import { existsSync, readFileSync } from 'node:fs';
import { type DataType, fromBytes, type RequantizationRule, Tensor } from '@espalier/core';

const shared = new URL('../../../../../shared/', import.meta.url);
const folder = new URL('conformance/tflite/', shared);

/** Whether the goldens are beside the repository; says so where they are not. */
export const goldensAreThere: boolean = existsSync(folder);
if (!goldensAreThere) console.log('skipped: shared/conformance is not beside the repository');

interface ArrayEntry {
  readonly name: string;
  readonly file?: string;
  readonly from?: string;
  readonly rows?: readonly [number, number];
  readonly shape?: readonly number[];
  readonly singleRounding?: { readonly file: string };
}

/** One model with inputs and expected outputs: shared/conformance/tflite/README.md. */
export interface Golden {
  readonly name: string;
  readonly op: string;
  readonly dtype: string;
  readonly model: Uint8Array;
  readonly samples: number;
  readonly inputs: readonly { readonly name: string; readonly values: Tensor }[];
  expected(rule: RequantizationRule): readonly { readonly name: string; readonly values: Tensor }[];
  readonly compare: { readonly mode: 'exact' | 'close'; readonly atol?: number; readonly rtol?: number };
}

interface Entry {
  readonly case?: string;
  readonly op?: string;
  readonly dtype?: string;
  readonly model: string;
  readonly samples: number;
  readonly compare: Golden['compare'];
  readonly inputs: readonly ArrayEntry[];
  readonly outputs: readonly ArrayEntry[];
}

const descriptions: Readonly<Record<string, DataType>> = {
  '|i1': 'int8',
  '|u1': 'uint8',
  '<i2': 'int16',
  '<i4': 'int32',
  '<i8': 'int64',
  '<f4': 'float32',
};

/** A file of NumPy format 1.0, C order. */
export function readNpy(file: URL): Tensor {
  const bytes = readFileSync(file);
  const end = 10 + bytes.readUInt16LE(8);
  const head = bytes.toString('latin1', 10, end);
  const type = descriptions[/'descr': '([^']+)'/.exec(head)?.[1] ?? ''];
  const dims = /'shape': \(([^)]*)\)/.exec(head)?.[1] ?? '';
  if (type === undefined) throw new Error(`${file.href} holds no type that is known here.`);
  const sizes = dims.split(',').filter((part) => part.trim() !== '');
  return new Tensor(type, fromBytes(type, Uint8Array.from(bytes.subarray(end))), sizes.map(Number));
}

/** Sample `index` of an array of [samples, ...shape]. */
export function sampleOf({ type, data, dims }: Tensor, index: number): Tensor {
  const shape = dims.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  return new Tensor(type, data.slice(index * size, (index + 1) * size) as never, shape);
}

function golden(entry: Entry, base: URL, name: string): Golden {
  const { op = 'whole model', dtype = 'int8', samples, compare } = entry;
  return {
    name,
    op,
    dtype,
    samples,
    compare,
    model: new Uint8Array(readFileSync(new URL(entry.model, shared))),
    inputs: entry.inputs.map((input) => ({ name: input.name, values: readInput(input, base) })),
    expected: (rule) =>
      entry.outputs.map((output) => {
        const file = (rule === 'tflite' ? output.singleRounding?.file : undefined) ?? output.file ?? '';
        return { name: output.name, values: readNpy(new URL(file, base)) };
      }),
  };
}

/** An input of its own, or rows of images, of which 128 are taken off where the manifest says so. */
function readInput({ file, from, rows, shape }: ArrayEntry, base: URL): Tensor {
  if (file !== undefined) return readNpy(new URL(file, base));
  const { data, dims } = readNpy(new URL(from ?? '', shared));
  const [first, end] = rows ?? [0, dims[0] ?? 0];
  const size = dims.slice(1).reduce((a, b) => a * b, 1);
  const part = (data as Uint8Array).subarray(first * size, end * size);
  return new Tensor(
    'int8',
    Int8Array.from(part, (pixel) => pixel - 128),
    [end - first, ...(shape ?? [])],
  );
}

/** Single operators of the given types. */
export function operatorGoldens(...dtypes: readonly string[]): readonly Golden[] {
  const base = new URL('ops/', folder);
  const { cases } = JSON.parse(readFileSync(new URL('index.json', base), 'utf8')) as {
    readonly cases: readonly Entry[];
  };
  return cases
    .filter(({ dtype = '' }) => dtypes.includes(dtype))
    .map((entry) => golden(entry, base, entry.case ?? ''));
}

/** A whole network. */
export function networkGolden(name: string): Golden {
  const base = new URL(`${name}/`, folder);
  return golden(JSON.parse(readFileSync(new URL('manifest.json', base), 'utf8')) as Entry, base, name);
}
