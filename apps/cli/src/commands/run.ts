import { bestClasses, OptionsError, Tensor, type TensorData, toNumbers } from '@espalier/core';
import type { Command } from 'commander';
import type { FileDataset } from '../data/dataset.js';
import { encodeNpy } from '../data/npy.js';
import { encodeNpz } from '../data/npz.js';
import { openDataset } from '../data/open-dataset.js';
import { batchSizeFor, breathe, executorOf } from '../evaluate.js';
import { inputShapes, readModelFile } from '../model-file.js';
import { formatCount, formatPercent, formatTime } from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import { formatTable } from '../output/table.js';
import { compressorFor } from '../plugins.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { addDataOptions, type DataFlags, datasetRequest } from './data-options.js';

interface RunFlags extends DataFlags {
  readonly out?: string;
  readonly force?: boolean;
}

/** Samples whose results are printed. */
const SHOWN = 20;

/** `espalier run FILE --data DATA` */
export function addRun(program: Command, run: Run): void {
  const command = program
    .command('run')
    .summary('run a model on data')
    .description('Runs a model on data and prints or saves what it hands out.')
    .argument('<file>', 'model file, of any format');
  addDataOptions(command, '.npy, .npz, IDX or a folder of PNG and JPEG; [input=]path, once for each input')
    .option('-o, --out <path>', 'save the outputs: .npy for one, .npz for several')
    .option('-f, --force', 'replace an existing output')
    .action(run<RunFlags>((session, [file = ''], flags) => runModel(session, file, flags)));
}

async function runModel(session: Session, path: string, flags: RunFlags): Promise<void> {
  if (flags.data === undefined) {
    throw new OptionsError({
      what: 'There is no data to run the model on.',
      fix: 'Pass --data with a .npy, .npz or IDX file, or a folder of images.',
    });
  }
  const files = new StagedFiles({ force: flags.force ?? false });
  if (flags.out !== undefined) await files.check(flags.out);
  const compressor = await compressorFor(session);
  const file = await readModelFile(compressor, path);
  if (flags.out !== undefined) checkName(flags.out, file.model.graph.outputs.length);
  const data = await openDataset(inputShapes(file.model), datasetRequest(flags, flags.data, flags.labels));
  for (const note of data.notes) session.progress.note(note);
  const execution = await executorOf(compressor)
    .prepare(file.model)
    .catch(async (error: unknown) => {
      await data.close();
      throw error;
    });
  try {
    session.progress.step(`run ${file.name}`);
    const results = new Results(file.model.graph.outputs.map(({ name }) => name));
    const started = performance.now();
    let done = 0;
    for await (const batch of data.batches(batchSizeFor(file.model))) {
      session.assertNotAborted();
      results.add(await execution.run(batch.feeds), batch.count, batch.labels);
      done += batch.count;
      session.progress.update(done, data.count);
      await breathe();
    }
    const elapsedMs = performance.now() - started;
    const outputs = results.outputs();
    if (flags.out !== undefined) await files.stage(flags.out, encode(flags.out, outputs));
    session.assertNotAborted();
    await files.commit();
    report(session, file.path, data, results, outputs, elapsedMs, flags.out);
  } finally {
    execution.dispose();
    await data.close();
    await files.discard();
  }
}

/** What the model handed out, batch after batch. */
class Results {
  readonly #names: readonly string[];
  readonly #batches: Record<string, Tensor>[] = [];
  /** Best class of each sample; empty where the first output holds no scores. */
  readonly classes: number[] = [];
  labelled = 0;
  right = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  add(outputs: Readonly<Record<string, Tensor>>, count: number, labels: Int32Array | undefined): void {
    this.#batches.push({ ...outputs });
    const scores = outputs[this.#names[0] ?? ''];
    const best = scores === undefined ? null : bestClasses(scores, count);
    if (best === null) return;
    this.classes.push(...best);
    if (labels === undefined) return;
    this.labelled += count;
    for (let i = 0; i < count; i++) if (best[i] === labels[i]) this.right++;
  }

  /** Each output of all samples, stacked along its first dim. */
  outputs(): Readonly<Record<string, Tensor>> {
    const entries = this.#names.map(
      (name) => [name, stack(this.#batches.flatMap((batch) => batch[name] ?? []))] as const,
    );
    return Object.fromEntries(entries);
  }
}

function stack(parts: readonly Tensor[]): Tensor {
  const [first, ...others] = parts;
  if (first === undefined) return new Tensor('float32', new Float32Array(0), [0]);
  if (others.length === 0) return first;
  const data = first.data.constructor as new (length: number) => TensorData;
  const all = new data(parts.reduce((sum, part) => sum + part.size, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part.data as never, at); // all parts are one output: one type
    at += part.size;
  }
  const rows = parts.reduce((sum, part) => sum + (part.dims[0] ?? 1), 0);
  const rest = first.dims.slice(1);
  const uniform = parts.every((part) => part.dims.slice(1).join() === rest.join());
  return new Tensor(first.type, all as never, uniform ? [rows, ...rest] : [all.length]); // as above
}

/** @throws {OptionsError} when a file of this name can't hold so many outputs */
function checkName(out: string, outputs: number): void {
  if (out.endsWith('.npz') || (out.endsWith('.npy') && outputs === 1)) return;
  throw new OptionsError({
    what: `"${out}" can't hold the ${outputs === 1 ? 'output' : `${outputs} outputs`} of the model.`,
    fix: outputs === 1 ? 'Name a .npy or .npz file.' : 'Name a .npz file.',
  });
}

function encode(out: string, outputs: Readonly<Record<string, Tensor>>): Uint8Array {
  const [only] = Object.values(outputs);
  return out.endsWith('.npy') && only !== undefined ? encodeNpy(only) : encodeNpz(outputs);
}

function report(
  session: Session,
  file: string,
  data: FileDataset,
  results: Results,
  outputs: Readonly<Record<string, Tensor>>,
  elapsedMs: number,
  out: string | undefined,
): void {
  const { classes, labelled, right } = results;
  const json = {
    file,
    data: data.name,
    samples: data.count,
    elapsedMs,
    outputs: Object.entries(outputs).map(([name, tensor]) => ({ name, ...summary(tensor) })),
    top1: labelled === 0 ? null : { right, of: labelled },
    classes: classes.length === 0 ? null : classes,
    out: out ?? null,
  };
  session.print(json, () => {
    const rows = json.outputs.map(({ name, type, dims, least, greatest, mean }) => [
      name,
      `${type}[${dims.join(', ')}]`,
      ...[least, greatest, mean].map((x) => x.toPrecision(5)),
    ]);
    const titles = ['least', 'greatest', 'mean'].map((title) => ({ title, align: 'right' as const }));
    return [
      formatTable([{ title: 'output', flexible: true }, { title: 'shape' }, ...titles], rows, session.width),
      classes.length === 0
        ? ''
        : `best classes  ${classes.slice(0, SHOWN).join(' ')}${classes.length > SHOWN ? ' ...' : ''}\n`,
      json.top1 === null
        ? ''
        : `top-1         ${formatCount(right)} of ${formatCount(labelled)} (${formatPercent(right / labelled)})\n`,
      `${formatCount(data.count)} samples in ${formatTime(elapsedMs)}${out === undefined ? '' : `; saved to ${out}`}\n`,
    ].join('');
  });
}

interface Summary {
  readonly type: string;
  readonly dims: readonly number[];
  readonly least: number;
  readonly greatest: number;
  readonly mean: number;
}

function summary(tensor: Tensor): Summary {
  const values = toNumbers(tensor);
  let [least, greatest, sum] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number; // i < length
    if (x < least) least = x;
    if (x > greatest) greatest = x;
    sum += x;
  }
  return { type: tensor.type, dims: tensor.dims, least, greatest, mean: sum / Math.max(1, values.length) };
}
