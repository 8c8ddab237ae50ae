import {
  createRegistry,
  definePlugin,
  type Encoding,
  type EncodingKind,
  EXECUTOR,
  type Executor,
  FORMAT,
  type Format,
  type Given,
  type Model,
  type Plugin,
  type RunData,
  resolveAll,
  walkEncoding,
} from '@espalier/core';
import fc from 'fast-check';
import { fixtureModel, fixtureTexts } from '../models/fixture-models.js';
import { seededData } from '../models/seeded-data.js';
import { calibratorClauses } from './calibrator/clauses.js';
import { type PluginPromise, promisesOf } from './clause.js';
import { encodingClauses } from './encoding/clauses.js';
import { coreLeaves, type Leaf } from './encoding/nestings.js';
import { kindsWith } from './encoding/subject.js';
import { formatClauses } from './format/clauses.js';
import { invariantClauses } from './invariant/clauses.js';
import { kernelClauses } from './kernel/clauses.js';
import { sameBytesInAPage } from './page/same-bytes-in-a-page.js';
import { passClauses } from './pass/clauses.js';
import { type PassSubject, passSubject } from './pass/job.js';
import { pluginClauses } from './plugin/clauses.js';
import { type Contributions, contributionsOf } from './plugin/subject.js';
import { recipeClauses } from './recipe/clauses.js';

/** What the kit needs to know beside the plugin. All of it may be left out. */
export interface PluginContract<O = unknown> {
  /** Models that the pass has work on, beside those of the kit: as text, or as they are. */
  readonly models?: Readonly<Record<string, Model | string>>;
  /** Whether the models of the kit are tried too. Default true; no, for options under which a run takes long. */
  readonly fixtures?: boolean;
  /** Data for those models. Those of the kit bring their own. */
  readonly data?: RunData;
  /** Options to run with, one set after the other; the defaults alone where not given. */
  readonly options?: readonly Given<O>[];
  /** What it needs beside itself. */
  readonly plugins?: readonly Plugin[];
  /** Runs models: checks that exact passes keep the outputs, and is there for passes that want one. */
  readonly executor?: Executor;
  /**
   * The module that exports the plugin: `new URL('../src/index.ts', import.meta.url)`. Its pass is run in headless
   * Chromium too, where playwright-core and a browser are there, with all plugins that the module exports.
   */
  readonly page?: URL;
  /** Whether a second run of the pass changes nothing. Default true. */
  readonly idempotent?: boolean;
  /** Encodings to try, by kind; where there are none, what the passes of the plugin make. */
  readonly encodings?: Readonly<Record<string, fc.Arbitrary<Encoding>>>;
  /** Leaves of the plugin, to try in the slots of other kinds. */
  readonly leaves?: readonly Leaf[];
  /** Files to read, by format and name: for a format that can't write them itself. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;
}

/** A plugin, and all that its promises are checked on. */
interface Setup {
  readonly plugin: Plugin;
  readonly contract: PluginContract;
  readonly own: Contributions;
  readonly installed: readonly Plugin[];
  readonly models: readonly (readonly [name: string, model: Model, data: RunData])[];
}

/**
 * What a plugin promises: by itself, and each pass, encoding, format, calibrator, recipe, invariant and kernel that it
 * registers. A plugin that can't be installed has its own promises only.
 */
export function promisesOfPlugin(plugin: Plugin, contract: PluginContract = {}): readonly PluginPromise[] {
  const register = (): Contributions => contributionsOf(plugin);
  const own = promisesOf(`the plugin "${plugin.id}"`, pluginClauses, { plugin, register });
  const setup = setUp(plugin, contract);
  return setup === null ? own : [...own, ...contributed(setup)];
}

function setUp(plugin: Plugin, contract: PluginContract): Setup | null {
  const { executor } = contract;
  const executing = definePlugin({
    id: 'executor-of-the-contract',
    register: (container) => container.register(EXECUTOR, { useValue: executor as Executor }), // installed where there is one
  });
  const installed = [plugin, ...(contract.plugins ?? []), ...(executor === undefined ? [] : [executing])];
  try {
    return { plugin, contract, own: contributionsOf(plugin), installed, models: modelsOf(contract) };
  } catch {
    // Why it can't be installed is what its own promises tell.
    return null;
  }
}

function modelsOf({ models = {}, data, fixtures = true }: PluginContract): Setup['models'] {
  const given = Object.entries(models).map(([name, source]) => {
    const model = typeof source === 'string' ? fixtureModel(source) : source;
    return [name, model, data ?? seededData(model)] as const;
  });
  const own = Object.entries(fixtures ? fixtureTexts : {}).map(([name, text]) => {
    const model = fixtureModel(text);
    return [name, model, seededData(model)] as const;
  });
  return [...given, ...own];
}

function contributed(setup: Setup): readonly PluginPromise[] {
  const { own, models, contract } = setup;
  const subjects = passSubjects(setup);
  const kinds = kindsWith(setup.installed.flatMap((plugin) => contributionsOf(plugin).encodings));
  const passes = setup.installed.flatMap((plugin) => contributionsOf(plugin).passes);
  return [
    ...inPage(setup),
    ...subjects.flatMap((subject) => promisesOf(`the pass "${subject.plugin.id}"`, passClauses, subject)),
    ...own.encodings.flatMap((kind) =>
      promisesOf(`the encoding "${kind.kind}"`, encodingClauses, {
        kind,
        kinds,
        leaves: [...coreLeaves, ...(contract.leaves ?? [])],
        samples: () => samplesOf(kind, contract, subjects),
      }),
    ),
    ...formatsOf(setup).flatMap((format) =>
      promisesOf(`the format "${format.name}"`, formatClauses, {
        format,
        models: models.map(([name, model]) => [name, model] as const),
        files: contract.files?.[format.name] ?? {},
      }),
    ),
    ...own.calibrators.flatMap((calibrator) =>
      promisesOf(`the calibrator "${calibrator.name}"`, calibratorClauses, calibrator),
    ),
    ...own.recipes.flatMap((recipe) =>
      promisesOf(`the recipe "${recipe.name ?? ''}"`, recipeClauses, { recipe, passes }),
    ),
    ...own.kernels.flatMap((kernel) =>
      promisesOf(`the kernel "${kernel.domain}.${kernel.op}"`, kernelClauses, kernel),
    ),
    ...own.invariants.flatMap((invariant) =>
      promisesOf(`the invariant "${invariant.name}"`, invariantClauses, {
        invariant,
        models: models.map(([name, model]) => [name, model] as const),
      }),
    ),
  ];
}

/** Its formats as a compressor has them: one that reads encodings finds those of core and of the other plugins. */
function formatsOf({ own, installed }: Setup): readonly Format[] {
  const names = new Set(own.formats.map(({ name }) => name));
  if (names.size === 0) return [];
  try {
    return resolveAll(createRegistry(installed), FORMAT).filter(({ name }) => names.has(name));
  } catch {
    return own.formats; // why it can't be installed is what its own promises tell
  }
}

function inPage({ contract, installed, plugin }: Setup): readonly PluginPromise[] {
  const { page: module, options = [] } = contract;
  if (module === undefined) return [];
  const sets = options.length === 0 ? [null] : (options as readonly object[]);
  const questions = { id: plugin.id, options: sets };
  return promisesOf(`the plugin "${plugin.id}"`, [sameBytesInAPage], {
    plugins: installed,
    questions,
    module,
  });
}

function passSubjects({ own, installed, models, contract, plugin }: Setup): readonly PassSubject[] {
  const { options = [undefined], idempotent = true, executor = null } = contract;
  return own.passes.flatMap((pass) => {
    // Options are those of the plugin's own pass; another that it brings runs with its defaults.
    const sets = (pass.id === plugin.id ? options : [undefined]) as readonly (object | undefined)[];
    try {
      return [passSubject(installed, pass, { models, options: sets, idempotent, executor })];
    } catch {
      return [];
    }
  });
}

/** Encodings of a kind: those given, or those that the passes leave in their results. */
async function samplesOf(
  kind: EncodingKind,
  { encodings = {} }: PluginContract,
  subjects: readonly PassSubject[],
): Promise<fc.Arbitrary<Encoding> | null> {
  const given = encodings[kind.kind];
  if (given !== undefined) return given;
  const found: Encoding[] = [];
  for (const job of subjects.flatMap(({ jobs }) => jobs)) {
    const outcome = await job.first();
    if (outcome.kind === 'refused') continue;
    for (const { constant } of outcome.result.model.graph.constants)
      for (const { encoding } of constant === null ? [] : walkEncoding(constant))
        if (encoding.kind === kind.kind) found.push(encoding);
  }
  return found.length === 0 ? null : fc.constantFrom(...found);
}
