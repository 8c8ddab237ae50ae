import { basename } from 'node:path';
import type { Diagnosis } from '@espalier/plugin-quantize';
import type { Evaluation } from '../evaluate.js';
import { formatCount, formatDecibels, formatPercent } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { harmOf, type Outcome, type Quality } from './outcome.js';
import { type Repair, type Trial, worstLayers } from './repair.js';

/** What the terminal shows. */
export function outcomeText(
  { path, found, mended, result, quality, worst, out, report }: Outcome,
  width: number,
): string {
  return [
    `${basename(path)} on ${formatCount(found.samples)} samples of ${found.data}: outputs SQNR ${formatDecibels(found.outputSqnrDb)}\n\n`,
    layerTable(found, width),
    '\nSQNR is that of what the layer hands on, errors of the layers before it included; "alone" that of the outputs where only\n',
    'this layer is quantized. The more "#", the more a layer is to blame.\n\n',
    ...worstLayers(found, worst).map(storyOf),
    ...(mended === null ? [] : mendedText(mended)),
    qualityText(quality),
    out === null ? '' : `recipe: ${out}\n`,
    report === null ? '' : `report: ${report}\n`,
    mended !== null && out === null ? `${JSON.stringify(result, null, 2)}\n` : '',
  ].join('');
}

/** Length of the bar of the least SQNR. */
const BAR = 16;

function layerTable(found: Diagnosis, width: number): string {
  const right = 'right' as const;
  const harm = harmOf(found);
  return formatTable(
    [
      { title: 'layer', flexible: true },
      { title: 'operator' },
      { title: 'SQNR', align: right },
      { title: 'cosine', align: right },
      { title: 'clipped', align: right },
      { title: 'alone', align: right },
      { title: 'share of the harm' },
    ],
    found.layers.map(({ name, op, sqnrDb, cosine, clipped, aloneDb }, i) => [
      name,
      op,
      formatDecibels(sqnrDb),
      cosine.toFixed(5),
      formatPercent(clipped),
      formatDecibels(aloneDb),
      '#'.repeat(Math.round(BAR * (harm[i] ?? 0))),
    ]),
    width,
  );
}

/** What a layer is, and what is odd about it. */
export function storyOf({ name, op, weight, aloneDb, findings }: Diagnosis['layers'][number]): string {
  const what = weight === null ? op : `${op}, weights "${weight}"`;
  const why =
    findings.length === 0
      ? 'nothing odd about its numbers'
      : findings.map(({ kind, about }) => `${kind}: ${about}`).join('; ');
  return `${name} (${what}), alone ${formatDecibels(aloneDb)}: ${why}\n`;
}

function mendedText({ trials, diagnosis }: Repair): readonly string[] {
  const line = ({ what, loss, kept }: Trial): string =>
    `${kept ? '+' : ' '} ${formatDecibels(loss.sqnrDb).padStart(8)}  ${what}\n`;
  return [
    '\ntried, with "+" kept:\n',
    ...trials.map(line),
    `outputs SQNR ${formatDecibels(diagnosis.outputSqnrDb)}\n`,
  ];
}

/** Both settings over all samples, a line each. */
export function qualityText({ before, after }: Quality): string {
  const line = (title: string, { top1, agreement, outputSqnrDb, samples }: Evaluation): string => {
    const parts = [
      ...(top1 === null
        ? []
        : [`top-1 ${formatCount(top1.before)} -> ${formatCount(top1.after)} of ${formatCount(samples)}`]),
      ...(agreement === null ? [] : [`same best class ${formatPercent(agreement)}`]),
      `SQNR ${formatDecibels(outputSqnrDb)}`,
    ];
    return `${title}: ${parts.join(', ')}\n`;
  };
  return `\non all samples, float -> quantized\n${line('  as it was', before)}${after === null ? '' : line('  mended', after)}`;
}
