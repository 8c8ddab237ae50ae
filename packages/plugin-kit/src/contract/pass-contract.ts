import {
  AbortedError,
  Compressor,
  createRandom,
  createRegistry,
  type Executor,
  type Given,
  inferShapes,
  LOGGER,
  type Model,
  OptionsError,
  PASS,
  type PassPlugin,
  type Plugin,
  printModel,
  type RunData,
  type RunResult,
  resolveAll,
  silentLogger,
  toBytes,
  verify,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { expectSameOutputs } from '../compare-outputs.js';

export interface PassContractOptions<O> {
  /** Models that the pass has work on, by name. */
  readonly models: Readonly<Record<string, Model>>;
  /** What the pass needs beside its own plugin. */
  readonly plugins?: readonly Plugin[];
  /** Options to run with; the defaults where not given. */
  readonly options?: Given<O>;
  readonly data?: RunData;
  /** Checks that an exact pass keeps the outputs. */
  readonly executor?: Executor;
  /** Whether a second run changes nothing. Default true. */
  readonly idempotent?: boolean;
}

/**
 * What holds for every pass, as tests: the caller's model is left alone, the same seed gives the same
 * model, options are JSON that is checked, a second run changes nothing, a cancelled run stops. Call it
 * at the top of a vitest file.
 */
export function checkPassContract<O extends object>(
  plugin: PassPlugin<O>,
  contract: PassContractOptions<O>,
): void {
  describe(`${plugin.id} keeps the contract of a pass`, () => {
    describeIdentity(plugin);
    describeOptions(plugin);
    for (const [name, model] of Object.entries(contract.models)) describeRuns(plugin, contract, name, model);
  });
}

function describeIdentity<O extends object>(plugin: PassPlugin<O>): void {
  test('it has a name and says what it does', () => {
    expect(plugin.id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(plugin.about.length).toBeGreaterThan(10);
    expect(plugin().pass).toBe(plugin.id);
  });
}

function describeOptions<O extends object>(plugin: PassPlugin<O>): void {
  const { options } = plugin;
  test('its options go through JSON and back', () => {
    expect(plugin(JSON.parse(JSON.stringify(options.defaults))).options).toEqual(options.defaults);
    expect(plugin().options).toEqual(options.defaults);
    expect(options.schema()).toEqual(JSON.parse(JSON.stringify(options.schema())));
  });

  test('it refuses unknown options, and values of the wrong kind', () => {
    const parse = (input: unknown) => () => options.parse(input, plugin.id);
    expect(parse({ 'no such option': 1 })).toThrow(OptionsError);
    for (const input of [null, 3, 'text', []]) expect(parse(input)).toThrow(OptionsError);
    for (const key of Object.keys(options.table)) {
      expect(parse({ [key]: { nonsense: {} } }), key).toThrow(OptionsError);
      expect(parse({ [key]: [[{}]] }), key).toThrow(OptionsError);
    }
  });

  test('every option says what it is for', () => {
    for (const [key, entry] of Object.entries<{ about: string }>(options.table))
      expect(entry.about, key).not.toBe('');
  });
}

function describeRuns<O extends object>(
  plugin: PassPlugin<O>,
  contract: PassContractOptions<O>,
  name: string,
  given: Model,
): void {
  // Passes may fill in types they need: that is knowledge, not a change.
  const model = given.clone();
  inferShapes(model);
  const run = (input: Model, signal?: AbortController): Promise<RunResult> =>
    new Compressor({ plugins: [plugin as PassPlugin, ...(contract.plugins ?? [])] }).run(
      input,
      [plugin(contract.options)],
      {
        seed: 1,
        driftSamples: 0,
        ...(contract.data && { data: contract.data }),
        ...(signal && {
          signal: signal.signal,
          onProgress: (event) => event.kind === 'pass-progress' && signal.abort(),
        }),
      },
    );

  test(`${name}: the caller's model is left alone, and the result is sound`, async () => {
    const before = fingerprint(model);
    const { model: after } = await run(model);
    expect(fingerprint(model)).toBe(before);
    verify(after);
  });

  test(`${name}: the same seed gives the same model`, async () => {
    const [first, second] = await Promise.all([run(model), run(model)]);
    expect(fingerprint(second.model)).toBe(fingerprint(first.model));
  });

  test(`${name}: "not modified" means that the graph is the same`, async () => {
    const working = model.clone();
    if (await modifies(working, plugin, contract)) return;
    expect(fingerprint(working)).toBe(fingerprint(model));
  });

  if (contract.idempotent ?? true) {
    test(`${name}: a second run changes nothing`, async () => {
      const { model: once } = await run(model);
      const { model: twice } = await run(once);
      expect(fingerprint(twice)).toBe(fingerprint(once));
    });
  }

  test(`${name}: a run that is cancelled while it works stops`, async () => {
    const controller = new AbortController();
    const outcome = await run(model, controller).catch((error: unknown) => error);
    if (controller.signal.aborted) expect(outcome).toBeInstanceOf(AbortedError);
  });

  const { executor } = contract;
  if (executor === undefined) return;
  test(`${name}: an exact pass keeps the outputs`, async () => {
    const { model: after, report } = await run(model);
    if (report.passes[0]?.effect !== 'exact') return;
    await expectSameOutputs(model, after, executor, { tolerance: 1e-4 });
  });
}

/** Runs the pass itself, without a manager that would drop what it did. */
async function modifies<O extends object>(
  model: Model,
  plugin: PassPlugin<O>,
  { plugins = [], data = {}, options }: PassContractOptions<O>,
): Promise<boolean> {
  const container = createRegistry([plugin as PassPlugin, ...plugins]);
  container.register(LOGGER, { useValue: silentLogger });
  const pass = resolveAll(container, PASS).find(({ name }) => name === plugin.id);
  if (pass === undefined) throw new Error(`The plugin registers no pass named "${plugin.id}".`);
  const { modified } = await pass.run(model, {
    options: plugin(options).options,
    data,
    original: model.clone(),
    random: createRandom(1),
    signal: new AbortController().signal,
    log: silentLogger,
    count() {},
    table() {},
    measure: bytesOfConstants,
    progress: async () => {},
    analyze: async (analysis) => analysis.compute(model, data),
  });
  return modified;
}

/** What a run without file formats counts. */
function bytesOfConstants({ graph }: Model): number {
  return graph.constants.reduce((sum, { constant }) => sum + (constant?.byteLength ?? 0), 0);
}

/** The whole model as text, constants with all their bytes. */
function fingerprint(model: Model): string {
  const constants = model.graph.constants.map(({ name, constant }) => {
    const bytes = constant === null ? new Uint8Array() : toBytes(constant.decode().data);
    return `${name} ${constant?.kind} ${hash(bytes)}`;
  });
  return `${printModel(model)}${constants.sort().join('\n')}`;
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
