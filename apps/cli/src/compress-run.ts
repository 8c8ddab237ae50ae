import {
  type Compressor,
  type Dataset,
  type Model,
  type Recipe,
  type RunData,
  type RunEvent,
  type RunReport,
  readModel,
  type Step,
  stepsOf,
} from '@espalier/core';
import type { FileDataset } from './data/dataset.js';
import { type DatasetRequest, openDataset } from './data/open-dataset.js';
import { type Evaluation, evaluate, executorOf } from './evaluate.js';
import { inputShapes, type ModelFile, sizeOf } from './model-file.js';
import type { ReportData, ReportFile, ReportLayer } from './report/report-data.js';
import { reportHistograms, reportLayers } from './report/report-from-run.js';
import type { Session } from './session.js';

/** Data sets of a run that are files, and how they are closed. */
export interface OpenedData {
  readonly data: RunData;
  close(): Promise<void>;
}

/** Opens the data sets of a run by role. */
export async function openRunData(
  session: Session,
  model: Model,
  requests: Readonly<Partial<Record<keyof RunData, DatasetRequest>>>,
): Promise<OpenedData> {
  const opened: [string, FileDataset][] = [];
  const close = async (): Promise<void> => {
    for (const [, dataset] of opened) await dataset.close();
  };
  try {
    for (const [role, request] of Object.entries(requests)) {
      const dataset = await openDataset(inputShapes(model), request);
      opened.push([role, dataset]);
      for (const note of dataset.notes) session.progress.note(note);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { data: Object.fromEntries(opened), close };
}

/** Turns what a run tells into progress. */
export function showProgress(session: Session): (event: RunEvent) => void {
  return (event) => {
    if (event.kind === 'pass-start') session.progress.step(`${event.index + 1}/${event.of} ${event.pass}`);
    else if (event.kind === 'pass-progress') session.progress.update(event.done, event.total);
    else if (event.kind === 'measure') session.progress.step(`measure ${event.what}`);
  };
}

/** What a run needs beside the model and its recipe. */
export interface CompressRequest {
  readonly file: ModelFile;
  readonly recipe: Recipe;
  readonly data: RunData;
  readonly seed: number | string | undefined;
}

/** A finished run, before anything is written. */
export interface CompressResult {
  readonly model: Model;
  /** What the losses of weights are told against: see core's RunResult. */
  readonly reference: Model;
  readonly steps: readonly Step[];
  readonly report: RunReport;
}

/** Runs a recipe with progress on the terminal. */
export async function runRecipe(
  session: Session,
  compressor: Compressor,
  { file, recipe, data, seed }: CompressRequest,
): Promise<CompressResult> {
  const steps = stepsOf(recipe, compressor.passes, data);
  const chosen = seed ?? recipe.seed;
  const { model, reference, report } = await compressor.run(file.model, steps, {
    data,
    signal: session.io.signal,
    log: session.log,
    reportWeights: false,
    onProgress: showProgress(session),
    ...(chosen === undefined ? {} : { seed: chosen }),
  });
  return { model, reference, steps, report };
}

/**
 * Measures the written bytes on all samples: what is read back is what others will run.
 *
 * @returns null where there is no data
 */
export async function judge(
  session: Session,
  compressor: Compressor,
  original: Model,
  bytes: Uint8Array,
  data: Dataset | undefined,
): Promise<Evaluation | null> {
  if (data === undefined) return null;
  session.progress.step(`judge the result on ${data.name}`);
  const written = await readModel(compressor.container, bytes, { name: 'the result' });
  return evaluate(session, executorOf(compressor), original, written, data);
}

/** The per-layer table of a run, and what the losses of the outputs were measured on. */
export interface LayersOfRun {
  readonly layers: readonly ReportLayer[];
  readonly measuredOn: ReportData['measuredOn'];
}

/** What each layer lost, in its weights and, where there were data, in its outputs. */
export function layersOfRun({ model, reference, report }: CompressResult): LayersOfRun {
  const drift = report.passes.at(-1)?.drift ?? null;
  return {
    layers: reportLayers(reference, model, drift?.layers ?? []),
    measuredOn: drift === null ? null : { data: drift.data, samples: drift.samples },
  };
}

/** All that the report page shows. */
export function reportData(
  session: Session,
  file: ModelFile,
  after: ReportFile,
  run: CompressResult,
  { layers, measuredOn }: LayersOfRun,
  quality: Evaluation | null,
  versions: Readonly<Record<string, string>>,
): ReportData {
  const { report, steps, model } = run;
  return {
    title: file.name,
    before: { name: file.name, format: file.format, sizeBytes: sizeOf(file) },
    after,
    passes: report.passes.map(({ pass, ...rest }) => ({ name: pass, ...rest })),
    sizeBytesBefore: report.sizeBytesBefore,
    sizeFormat: report.sizeFormat,
    layers,
    measuredOn,
    histograms: reportHistograms(run.reference, model),
    quality,
    warnings: [...report.warnings, ...report.passes.flatMap(({ warnings }) => warnings)],
    recipe: { steps },
    command: session.command,
    seed: report.seed,
    versions,
  };
}
