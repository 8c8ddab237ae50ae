import { describe, expect, test } from 'vitest';
import { Compressor } from './compressor.js';
import { dense } from './encoding/dense.js';
import { DataError, InvariantError, OptionsError, PassError } from './errors/errors.js';
import { Graph } from './ir/graph.js';
import { Model } from './ir/model.js';
import { option } from './options/option.js';
import { defineOptions } from './options/options.js';
import type { RunEvent } from './pass/events.js';
import { memoryDataset } from './pass/memory-dataset.js';
import type { Pass, PassContext } from './pass/pass.js';
import { definePassPlugin, type PassPlugin } from './plugin/plugin.js';
import { PASS } from './plugin/tokens.js';
import { Tensor, tensorOf } from './tensor/tensor.js';

interface ScaleOptions {
  readonly by: number;
}

/** A pass for tests: multiplies every weight. */
function scalePlugin(
  id: string,
  traits: Partial<Pass> = {},
  after: (model: Model, context: PassContext<ScaleOptions>) => void = () => {},
): PassPlugin<ScaleOptions> {
  return definePassPlugin<ScaleOptions>({
    id,
    about: 'Multiplies every weight.',
    options: defineOptions<ScaleOptions>({ by: option.number({ default: 2, about: 'The factor.' }) }),
    register(container) {
      container.register(PASS, {
        useFactory: (): Pass<ScaleOptions> => ({
          name: id,
          effect: 'lossy',
          ...traits,
          run(model, context) {
            const { options, count } = context;
            for (const weight of model.weights()) {
              const scaled = Float32Array.from(weight.decode().data as Float32Array, (x) => x * options.by);
              model.replaceWeight(weight, dense(new Tensor('float32', scaled, weight.encoding.dims)));
              count('weights.scaled', scaled.length);
            }
            after(model, context);
            return { modified: true };
          },
        }),
      });
    },
  });
}

function smallModel(): Model {
  const graph = new Graph('small');
  const x = graph.addInput('x', { dtype: 'float32', dims: [1, 2] });
  const w = graph.constant(tensorOf('float32', [1, 0, 3, 4], [2, 2]), 'w');
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y', { dtype: 'float32', dims: [1, 2] }));
  return new Model(graph);
}

const weightsOf = (model: Model): number[] =>
  model.weights().flatMap((weight) => [...(weight.decode().data as Float32Array)]);

describe('Compressor', () => {
  const scale = scalePlugin('scale');

  test('runs steps on a copy and reports what they did', async () => {
    const model = smallModel();
    const { model: result, report } = await new Compressor({ plugins: [scale] }).run(model, [
      scale({ by: 3 }),
    ]);
    expect(weightsOf(result)).toEqual([3, 0, 9, 12]);
    expect(weightsOf(model)).toEqual([1, 0, 3, 4]);
    expect(report.passes[0]).toMatchObject({
      pass: 'scale',
      modified: true,
      statistics: { 'weights.scaled': 4 },
    });
    expect(report.weights[0]).toMatchObject({ name: 'w', op: 'MatMul', density: 0.75 });
  });

  test('reports the tables of a pass, which may ask how large a model is', async () => {
    const rows: number[][] = [];
    const telling = scalePlugin('telling', {}, (model, context) => {
      rows.push([context.measure(model)]);
      context.table({ title: 'Sizes', columns: ['bytes'], rows });
    });
    const { report } = await new Compressor({ plugins: [telling] }).run(smallModel(), [telling()]);
    expect(report.passes[0]?.tables).toEqual([{ title: 'Sizes', columns: ['bytes'], rows }]);
    expect(rows).toEqual([[report.sizeBytesBefore]]);
  });

  test('leaves the model alone when a later pass throws, and names the pass and those before it', async () => {
    const broken = scalePlugin('broken', {}, () => {
      throw new TypeError('boom');
    });
    const model = smallModel();
    const run = new Compressor({ plugins: [scale, broken] }).run(model, [scale(), broken()]);
    await expect(run).rejects.toThrow(PassError);
    await expect(run).rejects.toThrow(/"broken" failed: boom\n.*after scale/);
    expect(weightsOf(model)).toEqual([1, 0, 3, 4]);
  });

  test('orders steps by what passes declare, and says so', async () => {
    const late = scalePlugin('late', { after: ['scale'] });
    const { report } = await new Compressor({ plugins: [scale, late] }).run(smallModel(), [late(), scale()]);
    expect(report.passes.map(({ pass }) => pass)).toEqual(['scale', 'late']);
    expect(report.warnings).toHaveLength(1);
  });

  test('refuses passes that conflict, or whose constraints form a ring', async () => {
    const rival = scalePlugin('rival', { conflictsWith: ['scale'] });
    await expect(
      new Compressor({ plugins: [scale, rival] }).run(smallModel(), [scale(), rival()]),
    ).rejects.toThrow(/"rival" and "scale"/);
    const a = scalePlugin('a', { after: ['b'] });
    const b = scalePlugin('b', { after: ['a'] });
    await expect(new Compressor({ plugins: [a, b] }).run(smallModel(), [a(), b()])).rejects.toThrow(
      OptionsError,
    );
  });

  test('refuses a pass that says it breaks what an earlier one established', async () => {
    const first = scalePlugin('first', { establishes: ['sparsity'] });
    const second = scalePlugin('second', { breaks: ['sparsity'] });
    const run = new Compressor({ plugins: [first, second] }).run(smallModel(), [first(), second()]);
    await expect(run).rejects.toThrow(/"second" would undo "first"/);
  });

  test('catches a pass that fills pruned weights without saying so', async () => {
    const pruned = scalePlugin('pruned', { establishes: ['sparsity'] });
    const filler = definePassPlugin<object>({
      id: 'filler',
      about: 'Fills zeros.',
      options: defineOptions<object>({}),
      register(container) {
        container.register(PASS, {
          useValue: {
            name: 'filler',
            effect: 'lossy',
            run(model) {
              for (const weight of model.weights()) {
                model.replaceWeight(weight, dense(tensorOf('float32', [1, 1, 1, 1], [2, 2])));
              }
              return { modified: true };
            },
          } satisfies Pass,
        });
      },
    });
    const run = new Compressor({ plugins: [pruned, filler] }).run(smallModel(), [pruned(), filler()]);
    await expect(run).rejects.toThrow(InvariantError);
    await expect(run).rejects.toThrow(/"filler" undid "pruned": 1 pruned weights of "w"/);
  });

  test('refuses unknown passes and options by name, with a guess', async () => {
    const compressor = new Compressor({ plugins: [scale] });
    expect(() => scale({ bye: 1 } as unknown as ScaleOptions)).toThrow(
      /no option "bye"[\s\S]*Did you mean "by"/,
    );
    expect(() => scale({ by: '3' } as unknown as ScaleOptions)).toThrow(/"scale.by" is "3"/);
    await expect(compressor.run(smallModel(), { steps: ['scael'] })).rejects.toThrow(/Did you mean "scale"/);
  });

  test('takes a name in a list for the pass with its defaults', async () => {
    const { model } = await new Compressor({ plugins: [scale] }).run(smallModel(), [
      'scale',
      scale({ by: 5 }),
    ]);
    expect(weightsOf(model)).toEqual([10, 0, 30, 40]);
  });

  test('refuses by its place what is no step', async () => {
    const compressor = new Compressor({ plugins: [scale] });
    const run = (step: unknown) => compressor.run(smallModel(), [scale(), step as string]);
    for (const step of [null, 3, {}, { pass: 'scale' }]) {
      await expect(run(step)).rejects.toThrow(OptionsError);
      await expect(run(step)).rejects.toThrow(/no step[\s\S]*steps\[1\]/);
    }
    await expect(run(scale)).rejects.toThrow(/a plugin that was not called/);
    await expect(run('scael')).rejects.toThrow(/Did you mean "scale"/);
  });

  test('refuses a pass whose data are missing before any other has run', async () => {
    const needy = scalePlugin('needy', { requires: () => ['train'] });
    const compressor = new Compressor({ plugins: [scale, needy] });
    const kinds: string[] = [];
    const onProgress = ({ kind }: RunEvent): void => void kinds.push(kind);
    const run = compressor.run(smallModel(), [scale(), needy()], { onProgress });
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow('The pass "needy" needs train data with these options');
    expect(kinds).not.toContain('pass-start');
    const train = memoryDataset('two', { x: tensorOf('float32', [1, 2, 3, 4], [2, 1, 2]) });
    const { model } = await compressor.run(smallModel(), [scale(), needy()], { data: { train } });
    expect(weightsOf(model)).toEqual([4, 0, 12, 16]);
  });

  test('shows each pass the model as it came into the run', async () => {
    const seen: number[][] = [];
    const watching: Partial<Pass> = {
      run: (_, { original }) => {
        seen.push(weightsOf(original));
        return { modified: false };
      },
    };
    const watcher = definePassPlugin({
      id: 'watcher',
      about: 'Looks on.',
      options: defineOptions({}),
      register(container) {
        const pass: Pass = {
          name: 'watcher',
          effect: 'exact',
          run: () => ({ modified: false }),
          ...watching,
        };
        container.register(PASS, { useValue: pass });
      },
    });
    await new Compressor({ plugins: [scale, watcher] }).run(smallModel(), [scale(), watcher()]);
    expect(seen).toEqual([[1, 0, 3, 4]]);
  });

  test('tells what each pass left, which later passes do not change', async () => {
    const left: Model[] = [];
    const onProgress = (event: RunEvent): void => {
      if (event.kind === 'pass-end') left.push(event.model);
    };
    const steps = [scale({ by: 2 }), scale({ by: 5 })];
    const { model } = await new Compressor({ plugins: [scale] }).run(smallModel(), steps, { onProgress });
    expect(left.map(weightsOf)).toEqual([
      [2, 0, 6, 8],
      [10, 0, 30, 40],
    ]);
    expect(left[1]).toBe(model);
  });

  test('stops at an aborted signal', async () => {
    const controller = new AbortController();
    const run = new Compressor({ plugins: [scale] }).run(smallModel(), [scale(), scale()], {
      signal: controller.signal,
      onProgress(event: RunEvent) {
        if (event.kind === 'pass-end') controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('keeps two runs of one compressor apart', async () => {
    const compressor = new Compressor({ plugins: [scale] });
    const [a, b] = await Promise.all([
      compressor.run(smallModel(), [scale({ by: 2 })]),
      compressor.run(smallModel(), [scale({ by: 5 }), scale({ by: 5 })]),
    ]);
    expect(weightsOf(a.model)).toEqual([2, 0, 6, 8]);
    expect(weightsOf(b.model)).toEqual([25, 0, 75, 100]);
    expect(a.report.passes).toHaveLength(1);
  });

  test('refuses a plugin made for another API version', () => {
    expect(() => new Compressor({ plugins: [{ id: 'old', apiVersion: 0, register() {} }] })).toThrow(
      /API 0.*speaks 1/,
    );
  });
});
