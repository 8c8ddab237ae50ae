import { basename } from 'node:path';
import type { Diagnosis } from '@espalier/plugin-quantize';
import { harmOf, type Outcome } from '../debug/outcome.js';
import { qualityText, storyOf } from '../debug/print-outcome.js';
import { worstLayers } from '../debug/repair.js';
import { formatCount, formatDecibels, formatPercent } from '../output/format.js';
import { pairBar, singleBar } from './charts.js';
import { type Html, html, nothing } from './html.js';
import { folded, layerName, legend, pageShell } from './shell.js';

/** Rows shown at once; the rest unfolds. */
const ROWS = 40;

type Layers = Diagnosis['layers'];

/**
 * What `debug` found as a page: which layers do harm, the SQNR of each and the share of its values that are clipped.
 *
 * @param command - as it was typed, which makes the page again
 */
export function debugPage(outcome: Outcome, command: string): string {
  const { path, found, mended, result, quality } = outcome;
  const body = html`${blame(outcome)}
${signals(found.layers, mended?.diagnosis.layers ?? null)}
${clipped(found.layers, mended?.diagnosis.layers ?? null)}
${trials(outcome)}
<section>
<h2>On all samples</h2>
<pre>${qualityText(quality).trim()}</pre>
</section>
<section>
<h2>Do it again</h2>
<pre>${command}</pre>
<p class="about">The recipe with what was kept. Save it to a file and pass it to "espalier compress" with --recipe.</p>
<pre>${JSON.stringify(result, null, 2)}</pre>
</section>`;
  return pageShell(
    `${basename(path)}: quantization, layer by layer`,
    head(outcome),
    body,
    'Made by Espalier.',
  );
}

function head({ path, found, mended }: Outcome): Html {
  const after = mended?.diagnosis.outputSqnrDb;
  return html`<header>
<p class="kicker">Quantization, layer by layer</p>
<h1>${basename(path)}</h1>
<p class="lead">Run in float and in codes side by side, on ${formatCount(found.samples)} samples of ${found.data}.</p>
<div class="figures">
<div class="figure main"><b>${formatDecibels(found.outputSqnrDb)}</b><span>SQNR of the outputs</span></div>
${after === undefined ? nothing : html`<div class="figure"><b>${formatDecibels(after)}</b><span>mended</span></div>`}
<div class="figure"><b>${formatCount(found.layers.length)}</b><span>activations with codes</span></div>
</div>
</header>`;
}

function blame({ found, worst }: Outcome): Html {
  const harm = harmOf(found);
  const rows = found.layers
    .map((layer, i) => ({ layer, share: harm[i] ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .map(
      ({ layer, share }, i) =>
        html`<li>${layerName(layer.name)}${singleBar(share, i < worst)}<span class="value">${formatDecibels(layer.aloneDb)}</span></li>`,
    );
  const stories = worstLayers(found, worst).map((layer) => html`<li>${storyOf(layer).trim()}</li>`);
  return html`<section>
<h2>Which layers do the harm</h2>
<p class="about">The noise in the outputs where only this layer is quantized, worst first; beside it their SQNR.</p>
${folded(rows, 12, 'layers', (some) => html`<ul class="rows layers">${some}</ul>`)}
<ul class="notes">${stories}</ul>
</section>`;
}

function signals(layers: Layers, mended: Layers | null): Html {
  const after = new Map((mended ?? []).map(({ name, sqnrDb }) => [name, sqnrDb]));
  const finite = [...layers, ...(mended ?? [])].map(({ sqnrDb }) => sqnrDb).filter(Number.isFinite);
  const most = Math.max(1, ...finite);
  const length = (sqnrDb: number): number => Math.min(1, sqnrDb / most);
  const rows = layers.map(({ name, sqnrDb }) => {
    const now = after.get(name);
    const bar =
      now === undefined ? singleBar(length(sqnrDb), sqnrDb < 10) : pairBar(length(now), length(sqnrDb));
    return html`<li>${layerName(name)}${bar}<span class="value">${formatDecibels(sqnrDb)}${now === undefined ? '' : ` → ${formatDecibels(now)}`}</span></li>`;
  });
  return html`<section>
<h2>SQNR of each layer</h2>
<p class="about">Of what it hands on, in the order in which they compute: errors of the layers before are in it. Longer is better${mended === null ? '; below 10 dB is marked' : ''}.</p>
${
  mended === null
    ? nothing
    : legend([
        ['leaf', 'as it was'],
        ['was', 'mended'],
      ])
}
${folded(rows, ROWS, 'layers', (some) => html`<ul class="rows layers">${some}</ul>`)}
</section>`;
}

function clipped(layers: Layers, mended: Layers | null): Html {
  const after = new Map((mended ?? []).map(({ name, clipped: share }) => [name, share]));
  const cut = layers.filter(({ name, clipped: share }) => share > 0 || (after.get(name) ?? 0) > 0);
  const most = Math.max(
    0.001,
    ...cut.map(({ name, clipped: share }) => Math.max(share, after.get(name) ?? 0)),
  );
  const rows = cut.map(({ name, clipped: share }) => {
    const now = after.get(name);
    const bar = now === undefined ? singleBar(share / most, true) : pairBar(now / most, share / most);
    return html`<li>${layerName(name)}${bar}<span class="value">${formatPercent(share)}${now === undefined ? '' : ` → ${formatPercent(now)}`}</span></li>`;
  });
  return html`<section>
<h2>Clipped values</h2>
<p class="about">${rows.length === 0 ? 'No layer has values beyond its codes.' : 'Share of the values that lie beyond the codes of their layer. A few may be worth it: the others then have finer ones.'}</p>
${folded(rows, ROWS, 'layers', (some) => html`<ul class="rows layers">${some}</ul>`)}
</section>`;
}

function trials({ mended }: Outcome): Html {
  if (mended === null) return nothing;
  const rows = mended.trials.map(
    ({ what, loss, kept }) =>
      html`<tr><td>${kept ? 'kept' : ''}</td><td class="number">${formatDecibels(loss.sqnrDb)}</td><td>${what}</td></tr>`,
  );
  return html`<section>
<h2>What was tried</h2>
<p class="about">One after the other, each on top of what was kept before. What helps less than 0.1 dB is left out.</p>
<div class="scroll" tabindex="0" role="region" aria-label="What was tried"><table>
<thead><tr><th></th><th class="number">SQNR of the outputs</th><th>what</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
</section>`;
}
