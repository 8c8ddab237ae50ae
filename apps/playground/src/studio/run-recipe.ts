import { writeEspalier } from '@espalier/container';
import {
  type Compressor,
  type Dataset,
  type Model,
  type RunData,
  type RunEvent,
  readModel,
  stepsOf,
} from '@espalier/core';
import { failureOf } from '../rpc/failure.js';
import type { Turn } from '../rpc/serve.js';
import type { PassView, Quality, RunGives, RunNews, RunTakes } from './api.js';
import { digitFeed } from './digit-feed.js';
import { DigitDataset, type DigitSet, loadDigits } from './digits.js';
import { fitThreads, threadsHere } from './fit-threads.js';
import { sha256Of } from './hash.js';
import { answers, countRight } from './judge.js';
import { viewLayers } from './view-layers.js';

/** What a run is about. */
export interface Subject {
  readonly model: Model;
  /** Bytes of the file that was opened. */
  readonly fileBytes: number;
  /** Where the page's own files are. */
  readonly base: string;
}

/** A run, and the model behind each pass; the one as it came first. */
export interface FinishedRun {
  readonly gives: RunGives;
  readonly stages: readonly Model[];
}

/** Samples that the drift of layers is measured on. */
const DRIFT_SAMPLES = 32;

/** Runs a recipe over the open model, writes the file and judges what is read back from it. */
export async function runRecipe(
  compressor: Compressor,
  subject: Subject,
  { recipe, seed, data: wanted, drift }: RunTakes,
  { signal, tell }: Turn<RunNews>,
): Promise<FinishedRun> {
  const started = performance.now();
  const data = await dataOf(subject, wanted, tell);
  const steps = fitThreads(stepsOf(recipe, compressor.passes, data), threadsHere());
  const stages: Model[] = [subject.model];
  const { model, reference, report } = await compressor.run(subject.model, steps, {
    data,
    seed,
    signal,
    driftSamples: drift ? DRIFT_SAMPLES : 0,
    reportWeights: false,
    onProgress(event) {
      if (event.kind === 'pass-end') stages.push(event.model);
      const news = newsOf(event);
      if (news !== null) tell(news);
    },
  });
  const bytes = new Uint8Array(writeEspalier(model));
  const written = await readModel(compressor.container, bytes);
  // A file is one also where it can't be run: in a browser without WebAssembly SIMD.
  const judged = await judge(subject, written, data.holdout).catch((error: unknown) => failureOf(error));
  const isFailure = judged !== null && 'what' in judged;
  const gives: RunGives = {
    bytes,
    sha256: await sha256Of(bytes),
    bytesBefore: subject.fileBytes,
    passes: report.passes.map(viewPass),
    layers: viewLayers(reference, model, report.passes.at(-1)?.drift?.layers ?? []),
    quality: isFailure ? null : judged,
    warnings: isFailure ? [...report.warnings, `It was not measured. ${judged.what}`] : report.warnings,
    elapsedMs: performance.now() - started,
  };
  return { gives, stages };
}

/** The digits that a run may have, by role. */
export async function dataOf(
  { model, base }: Subject,
  wanted: RunTakes['data'],
  tell: (news: RunNews) => void = () => {},
): Promise<RunData> {
  const feed = digitFeed(model);
  if (feed === null || wanted === 'none') return {};
  const load = async (set: DigitSet): Promise<Dataset> => new DigitDataset(await loadDigits(set, base), feed);
  if (wanted === 'training') tell({ kind: 'data', what: 'Fetching 20,000 digits to train on' });
  const [holdout, calibration, train] = await Promise.all([
    load('held-out'),
    load('calibration'),
    ...(wanted === 'training' ? [load('training')] : []),
  ]);
  return { ...(holdout && { holdout }), ...(calibration && { calibration }), ...(train && { train }) };
}

function newsOf(event: RunEvent): RunNews | null {
  switch (event.kind) {
    case 'pass-start':
      return { kind: 'pass', pass: event.pass, index: event.index, of: event.of };
    case 'pass-progress': {
      const { pass, index, of, done, total, what } = event;
      return { kind: 'progress', pass, index, of, share: total === 0 ? 0 : done / total, what };
    }
    case 'measure':
      return { kind: 'measure', what: event.what };
    case 'run-start':
    case 'pass-end':
      return null;
    default:
      return event satisfies never;
  }
}

type PassReport = Awaited<ReturnType<Compressor['run']>>['report']['passes'][number];

function viewPass(report: PassReport): PassView {
  const { pass, effect, modified, elapsedMs, sizeBytes, statistics, warnings, drift } = report;
  const told = drift && {
    outputSqnrDb: drift.outputSqnrDb,
    agreement: drift.agreement,
    samples: drift.samples,
  };
  return { pass, effect, modified, elapsedMs, sizeBytes, statistics, warnings, drift: told };
}

/** Right answers of the models as they came, which are asked for again and again. */
const rightBefore = new WeakMap<Model, Promise<number>>();

async function judge(
  { model, base }: Subject,
  written: Model,
  data: Dataset | undefined,
): Promise<Quality | null> {
  if (data === undefined) return null;
  const { labels } = await loadDigits('held-out', base);
  const known = rightBefore.get(model) ?? answers(model, data).then((given) => countRight(given, labels));
  rightBefore.set(model, known);
  const right = countRight(await answers(written, data), labels);
  return { samples: data.count, right, rightBefore: await known };
}
