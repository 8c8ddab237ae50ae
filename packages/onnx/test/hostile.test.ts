import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import { elementsVisited } from '@espalier/config/elements-visited';
import { EspalierError, float, int, tensorOf } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelProtoSchema, TensorProto_DataLocation } from '../src/gen/onnx_pb.js';
import { type ParsedModel, parseModel } from '../src/proto/parse-model.js';
import { readOnnx } from '../src/read-onnx.js';
import { hasCases } from './conformance-cases.js';
import { type ModelText, makeOnnx, type NodeText } from './make-onnx.js';

const relu: NodeText = { op: 'Relu', name: 'relu', inputs: ['x'], outputs: ['y'] };
const plain: ModelText = { opset: 13, inputs: { x: [2] }, outputs: ['y'], nodes: [relu] };
const withWeight: ModelText = {
  ...plain,
  constants: { w: tensorOf('float32', [1, 2]) },
  nodes: [{ op: 'Add', name: 'add', inputs: ['x', 'w'], outputs: ['y'] }],
};

/** A model with something in it changed that no exporter would write. */
function tampered(text: ModelText, change: (model: ParsedModel) => void): Uint8Array {
  const model = parseModel(makeOnnx(text));
  change(model);
  return toBinary(ModelProtoSchema, model);
}

async function failure(bytes: Uint8Array): Promise<EspalierError> {
  const outcome: unknown = await readOnnx(bytes, { name: 'm.onnx' }).catch((error: unknown) => error);
  if (!(outcome instanceof EspalierError)) throw new Error(`no EspalierError: ${String(outcome)}`);
  return outcome;
}

describe('files that are no model', () => {
  test.each([
    { file: 'an empty file', bytes: new Uint8Array(), what: 'is empty' },
    { file: 'text', bytes: new TextEncoder().encode('<html>404 not found</html>'), what: 'no ONNX model' },
    {
      file: 'a model without a graph',
      bytes: toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n })),
      what: 'no ONNX graph',
    },
  ])('$file is a FormatError that names the file', async ({ bytes, what }) => {
    const error = await failure(bytes);
    expect(error.code).toBe('FORMAT');
    expect(error.message).toContain(what);
    expect(error.message).toContain(bytes.length === 0 ? 'm.onnx' : 'm.onnx,');
  });

  test('a file that was cut short tells the byte and the field', async () => {
    const bytes = makeOnnx({ ...withWeight, constants: { w: tensorOf('float32', new Array(500).fill(1)) } });
    const error = await failure(bytes.subarray(0, 900));
    expect(error.where).toMatch(
      /byte \d+, field "graph\.initializer\.raw_data": it claims 2000 bytes, \d+ are left/,
    );
  });
});

describe('files that grow when they are parsed', () => {
  /** A graph of `count` copies of a field, in a model. */
  function repeated(field: readonly number[], count: number): Uint8Array {
    const graph = new Uint8Array(field.length * count);
    for (let i = 0; i < count; i++) graph.set(field, i * field.length);
    return concat([0x08, 8, 0x3a, ...varint(graph.length)], graph);
  }

  function varint(value: number): number[] {
    const bytes = [value % 128];
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 128;
      bytes.push(rest % 128);
    }
    return bytes;
  }

  function concat(head: readonly number[], tail: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(head.length + tail.length);
    bytes.set(head);
    bytes.set(tail, head.length);
    return bytes;
  }

  test('millions of empty nodes are refused before any is made', async () => {
    const bytes = repeated([0x0a, 0], 10_000_000);
    const { result: error, visited } = await elementsVisited(() => failure(bytes));
    expect(error.where).toContain('more small parts than any model');
    // The scan reads a tag and a length of most; making a node visits dozens.
    expect(visited / 10_000_000).toBeLessThan(2);
  });

  test('graphs in graphs end somewhere', async () => {
    let bytes: Uint8Array = new Uint8Array();
    // graph > node > attribute > g, a few bytes a level
    for (let i = 0; i < 300; i++) {
      for (const tag of [0x32, 0x2a, 0x0a]) {
        bytes = concat([tag, ...varint(bytes.length)], bytes);
      }
    }
    expect((await failure(concat([0x3a, ...varint(bytes.length)], bytes))).where).toContain(
      'nested too deeply',
    );
  });
});

describe('tensors that lie', () => {
  test.each([
    {
      lie: '2^40 elements in a small file',
      dims: [2n ** 20n, 2n ** 20n],
      code: 'FORMAT',
      part: 'takes 4398046511104 bytes, the file holds 8',
    },
    { lie: 'a negative dim', dims: [-2n], code: 'FORMAT', part: 'dims of a tensor are [-2]' },
    { lie: 'a dim beyond 2^53', dims: [2n ** 62n], code: 'FORMAT', part: 'dims of a tensor are' },
    {
      lie: 'fewer elements than there are',
      dims: [1n],
      code: 'FORMAT',
      part: 'takes 4 bytes, the file holds 8',
    },
  ])('$lie', async ({ dims, code, part }) => {
    const error = await failure(
      tampered(withWeight, ({ graph }) =>
        graph.initializer.forEach((t) => {
          t.dims = dims;
        }),
      ),
    );
    expect(error.code).toBe(code);
    expect(error.what).toContain(part);
    expect(error.where).toContain('tensor "w"');
  });

  test('the byte offset of data of the wrong size is told', async () => {
    const bytes = tampered(withWeight, ({ graph }) =>
      graph.initializer.forEach((t) => {
        t.dims = [3n];
      }),
    );
    const offset = Number(/byte (\d+)/.exec((await failure(bytes)).where ?? '')?.[1]);
    expect(new Float32Array(bytes.slice(offset, offset + 8).buffer)).toEqual(Float32Array.of(1, 2));
  });

  test('types outside the IR are refused by name', async () => {
    const error = await failure(
      tampered(withWeight, ({ graph }) =>
        graph.initializer.forEach((t) => {
          t.dataType = 16;
        }),
      ),
    );
    expect(error.message).toMatch(/BFLOAT16 are not supported\.[\s\S]*tensor "w"/);
  });

  test('a huge shape of an input or a ConstantOfShape allocates nothing', async () => {
    const text: ModelText = {
      ...plain,
      constants: { s: tensorOf('int64', [2 ** 20, 2 ** 20]) },
      nodes: [
        { op: 'ConstantOfShape', inputs: ['s'], outputs: ['c'] },
        { op: 'Add', inputs: ['x', 'c'], outputs: ['y'] },
      ],
      inputs: { x: [2 ** 20, 2 ** 20] },
    };
    const before = process.memoryUsage().rss;
    await readOnnx(makeOnnx(text));
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});

describe('graphs that contradict themselves', () => {
  const cases: readonly { flaw: string; change: Partial<ModelText>; part: string }[] = [
    {
      flaw: 'a cycle',
      change: {
        nodes: [
          { op: 'Add', name: 'a', inputs: ['x', 'b'], outputs: ['c'] },
          { op: 'Relu', name: 'r', inputs: ['c'], outputs: ['b'] },
          { ...relu, inputs: ['b'] },
        ],
      },
      part: 'cycle',
    },
    {
      flaw: 'a value computed twice',
      change: { nodes: [relu, { ...relu, name: 'again' }] },
      part: '"y" has two producers',
    },
    {
      flaw: 'a node that computes an input',
      change: { nodes: [{ ...relu, outputs: ['x'] }] },
      part: '"x" has two producers',
    },
    {
      flaw: 'an input that nobody gives',
      change: { nodes: [{ ...relu, inputs: ['gone'] }] },
      part: '"gone", which nothing computes',
    },
    {
      flaw: 'an output that nobody computes',
      change: { outputs: ['y', 'z'] },
      part: '"z", which nothing computes',
    },
    { flaw: 'no outputs', change: { outputs: [] }, part: 'no outputs' },
    { flaw: 'one output twice', change: { outputs: ['y', 'y'] }, part: 'Two outputs are named "y"' },
    {
      flaw: 'too few inputs',
      change: { nodes: [{ op: 'Conv', name: 'c', inputs: ['x'], outputs: ['y'] }] },
      part: 'Conv has 1 inputs',
    },
    {
      flaw: 'too many inputs',
      change: { nodes: [{ ...relu, inputs: ['x', 'x'] }] },
      part: 'Relu has 2 inputs',
    },
    {
      flaw: 'an attribute of the wrong type',
      change: {
        nodes: [{ op: 'Softmax', name: 's', inputs: ['x'], outputs: ['y'], attributes: { axis: float(1) } }],
        opset: 11,
      },
      part: '"axis" is a float',
    },
    {
      flaw: 'an axis out of range',
      change: {
        nodes: [{ op: 'Softmax', name: 's', inputs: ['x'], outputs: ['y'], attributes: { axis: int(7) } }],
        opset: 11,
      },
      part: 'xis 7',
    },
    {
      flaw: 'an operator younger than the opset',
      change: { nodes: [{ ...relu, op: 'HardSwish' }] },
      part: 'came with opset 14',
    },
    { flaw: 'an opset from the future', change: { opset: 99 }, part: 'Opset 99 is newer' },
  ];
  test.each(cases)('$flaw', async ({ change, part }) => {
    expect((await failure(makeOnnx({ ...plain, ...change }))).message).toContain(part);
  });

  test('two initializers of one name', async () => {
    const bytes = tampered(withWeight, ({ graph }) => graph.initializer.push(...graph.initializer));
    expect((await failure(bytes)).message).toContain('named "w"');
  });

  test('nodes in the wrong order are sorted', async () => {
    const nodes = [
      { ...relu, inputs: ['a'] },
      { op: 'Neg', name: 'neg', inputs: ['x'], outputs: ['a'] },
    ];
    const model = await readOnnx(makeOnnx({ ...plain, nodes }));
    expect(model.graph.nodes.map((node) => node.op)).toEqual(['Neg', 'Relu']);
  });

  test('a chain of 20,000 nodes is read without a search for each', async () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => ({
      op: 'Neg',
      inputs: [i === 0 ? 'x' : `v${i}`],
      outputs: [i === 19_999 ? 'y' : `v${i + 1}`],
    }));
    const bytes = makeOnnx({ ...plain, nodes: nodes.reverse() });
    const { visited } = await elementsVisited(() => readOnnx(bytes));
    // Some 120 elements a node; a search through the others would visit thousands.
    expect(visited / 20_000).toBeLessThan(500);
  });
});

describe('external data', () => {
  const external = (entries: Record<string, string>): Uint8Array =>
    tampered(withWeight, ({ graph }) => {
      for (const tensor of graph.initializer) {
        tensor.rawData = new Uint8Array();
        tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
        tensor.externalData = Object.entries(entries).map(([key, value]) => ({
          $typeName: 'onnx.StringStringEntryProto',
          key,
          value,
        }));
      }
    });
  const file = new Uint8Array(16);
  new Float32Array(file.buffer).set([0, 5, 6, 0]);

  test('is read at its offset', async () => {
    const asked: string[] = [];
    const readBeside = async (location: string): Promise<Uint8Array> => {
      asked.push(location);
      return file;
    };
    const model = await readOnnx(external({ location: 'weights/w.bin', offset: '4', length: '8' }), {
      readBeside,
    });
    expect(asked).toEqual(['weights/w.bin']);
    expect(model.graph.value('w')?.constant?.decode().data).toEqual(Float32Array.of(5, 6));
  });

  test.each([
    '../w.bin',
    '/etc/passwd',
    'a/../../w',
    'C:\\w.bin',
    '..\\w',
    '\\\\host\\w',
    'file:///w',
    'https://x/w',
    '',
    'a\0b',
  ])('location %j leaves the folder and is not asked for', async (location) => {
    const readBeside = (): Promise<Uint8Array> => Promise.reject(new Error('was asked'));
    await expect(readOnnx(external({ location }), { readBeside })).rejects.toMatchObject({
      code: 'FORMAT',
      what: expect.stringContaining("leaves the model's folder"),
    });
  });

  test.each([
    {
      entries: { location: 'w', offset: '12', length: '8' },
      part: 'wants 8 bytes at byte 12 of "w", which has 16',
    },
    { entries: { location: 'w', offset: '-4' }, part: 'offset of an external tensor is "-4"' },
    { entries: { location: 'w', offset: '99999999999999999999' }, part: 'offset of an external tensor' },
    { entries: { location: 'w', offset: '64' }, part: 'at byte 64' },
    { entries: { location: 'w', length: '4' }, part: 'takes 8 bytes, the file holds 4' },
  ])('$part', async ({ entries, part }) => {
    const readBeside = (): Promise<Uint8Array> => Promise.resolve(file);
    await expect(readOnnx(external(entries as Record<string, string>), { readBeside })).rejects.toThrow(part);
  });

  test('without a way to read it says what is missing', async () => {
    expect((await failure(external({ location: 'w.bin' }))).message).toContain('in another file, "w.bin"');
  });
});

describe.skipIf(!hasCases)('a byte of a real model flipped, or its end cut off', () => {
  const names = [
    'test_AvgPool2d_stride',
    'test_lstm_defaults',
    'test_softmax_large_number_expanded',
    'test_qlinearmatmul_2D_int8_float32',
    'test_operator_mm',
  ];
  for (const name of names) {
    const path = fileURLToPath(
      new URL(`../../../../shared/conformance/onnx/${name}/model.onnx`, import.meta.url),
    );
    test(`${name} is read, or an EspalierError says why not`, async () => {
      const bytes = new Uint8Array(readFileSync(path));
      await fc.assert(
        fc.asyncProperty(
          fc.nat(bytes.length - 1),
          fc.integer({ min: 1, max: 255 }),
          fc.boolean(),
          async (at, mask, cut) => {
            const damaged = cut ? bytes.slice(0, at) : bytes.slice();
            if (!cut) damaged[at] = (bytes[at] ?? 0) ^ mask;
            const { visited } = await elementsVisited(() =>
              readOnnx(damaged).catch((error: unknown) => {
                if (!(error instanceof EspalierError)) throw error;
                // A wrapped TypeError would be a check of ours that is missing.
                if (error.cause instanceof TypeError) throw error;
              }),
            );
            // Some 6 a byte.
            expect(visited).toBeLessThan(100 * bytes.length);
          },
        ),
        { numRuns: 400 },
      );
    });
  }
});
