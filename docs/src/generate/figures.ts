import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { passPlugins, recipes } from '@espalier/presets';
import { docs, readText } from '../repository.js';

/** A model file along a pipeline. */
export interface Stage {
  readonly step: string;
  readonly fileBytes: number;
  readonly errorPercent: number;
}

/** All numbers that the first page shows, read from docs/results where commands have put them. */
export interface Figures {
  /** LeNet-300-100 by the recipe of Deep Compression, the first seed, after each pass. */
  readonly stages: readonly Stage[];
  /** The same network at its smallest, the first seed. */
  readonly smallest: Stage;
  /** ResNet-20 without retraining, by recipe. */
  readonly recipes: readonly Compressed[];
  /** ResNet-20 as it was. */
  readonly original: { readonly right: number; readonly of: number };
  /** What a page loads to run a model, in bytes behind brotli. */
  readonly pageWeight: readonly { readonly engine: string; readonly bytes: number }[];
  /** How many times as fast our int8 is as another engine's, in Node and Chromium, over the networks of the last runs. */
  readonly speed: readonly Speed[];
  readonly passes: readonly { readonly id: string; readonly about: string }[];
}

/** A network behind a recipe. */
export interface Compressed {
  readonly name: string;
  /** Test images it is right about, of how many. */
  readonly right: number;
  readonly of: number;
  readonly fileBytes: number;
  /** Times smaller than the ONNX file. */
  readonly ratio: number;
}

export interface Speed {
  readonly other: string;
  readonly machines: number;
  readonly networks: number;
  readonly least: number;
  readonly most: number;
}

export function readFigures(): Figures {
  const lenet = results<LenetSeed>('lenet-300-100')[0];
  const smallest = results<LenetSeed>('lenet-300-100-smallest')[0];
  if (lenet === undefined || smallest === undefined)
    throw new Error('docs/results has no first seed of LeNet-300-100');
  const resnet20 = results<Omit<Compressed, 'name'> & { readonly row: string }>('resnet20');
  const folded = resnet20.find(({ row }) => row === 'fold and fuse');
  if (folded === undefined) throw new Error('docs/results/resnet20.json has no row of the network as it was');
  return {
    stages: lenet.steps,
    smallest: { step: 'smallest', fileBytes: smallest.fileBytes, errorPercent: smallest.errorPercent },
    recipes: recipes.flatMap(({ name = '' }) =>
      resnet20
        .filter(({ row }) => row === `recipe ${name}`)
        .map(({ row: _, ...rest }) => ({ name, ...rest })),
    ),
    original: { right: folded.right, of: folded.of },
    pageWeight: pageWeight(),
    speed: speed(),
    passes: passPlugins.map(({ id, about }) => ({ id, about })),
  };
}

interface LenetSeed {
  readonly steps: readonly Stage[];
  readonly fileBytes: number;
  readonly errorPercent: number;
}

function results<T>(name: string): readonly T[] {
  return JSON.parse(readText(`docs/results/${name}.json`)) as readonly T[];
}

/** The first table of docs/results/page-weight.md. */
function pageWeight(): Figures['pageWeight'] {
  const rows = readText('docs/results/page-weight.md').matchAll(/^\| ([^|]+) \| [\d,]+ \| ([\d,]+) \|$/gm);
  return [...rows].map(([, engine = '', bytes = '']) => ({
    engine,
    bytes: Number(bytes.replaceAll(',', '')),
  }));
}

/** What the engines are called in the histories of the benchmark, and in text. */
const others: Readonly<Record<string, string>> = {
  litert: 'LiteRT',
  'litert-compat': 'LiteRT',
  'onnxruntime-web': 'onnxruntime-web',
};

/** From the last run on each machine: a row for each engine, network and host, one thread, int8. */
function speed(): readonly Speed[] {
  const folder = join(docs, 'results/bench');
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv'));
  const ratios = files.flatMap((file) => ratiosOf(readText(`docs/results/bench/${file}`)));
  return [...new Set(Object.values(others))].map((other) => {
    const found = ratios.filter((ratio) => ratio.other === other);
    const times = found.map((ratio) => ratio.times);
    const networks = new Set(found.map(({ model }) => model)).size;
    return { other, networks, machines: files.length, least: Math.min(...times), most: Math.max(...times) };
  });
}

function ratiosOf(
  history: string,
): readonly { readonly other: string; readonly model: string; readonly times: number }[] {
  const [head = '', ...lines] = history.trim().split('\n');
  const columns = head.split(',');
  const last = new Map<string, number>(); // a later row replaces an earlier one
  for (const line of lines) {
    const row = Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell]));
    if (row['type'] === 'int8' && row['threads'] === '1')
      last.set(`${row['engine']} ${row['host']} ${row['model']}`, Number(row['median_ms']));
  }
  return [...last].flatMap(([key, ms]) => {
    const [engine = '', host, model = ''] = key.split(' ');
    const other = others[engine];
    const ours = last.get(`espalier ${host} ${model}`);
    return other === undefined || ours === undefined ? [] : [{ other, model, times: ms / ours }];
  });
}
