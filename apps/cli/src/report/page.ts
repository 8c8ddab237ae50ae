import type { ReportPlot } from '@espalier/core';
import {
  formatBytes,
  formatCell,
  formatCount,
  formatDecibels,
  formatDims,
  formatPercent,
  formatRatio,
  formatTime,
} from '../output/format.js';
import { histogramChart, pairBar, singleBar, waterfallBar } from './charts.js';
import { curveChart, extents } from './curve-chart.js';
import { type Html, html, nothing } from './html.js';
import type { ReportData, ReportLayer, ReportPass } from './report-data.js';
import { folded, layerName, legend, pageShell } from './shell.js';

/** Rows and pictures shown at once; the rest unfolds. */
const ROWS = 24;
const HISTOGRAMS = 12;

/** One self-contained HTML page: style and pictures inside, no script, nothing fetched. */
export function reportPage(data: ReportData): string {
  return pageShell(
    `${data.title}: compression report`,
    head(data),
    html`${waterfall(data)}
${bytesPerLayer(data.layers)}
${lossPerLayer(data)}
${histograms(data)}
${passTables(data)}
${layerTable(data)}
${recipe(data)}`,
    'Made by Espalier. Sizes are of whole files: header, tables, codebooks and biases included.',
  );
}

function head({ title, before, after, quality, warnings, layers }: ReportData): Html {
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const kept = layers.reduce((sum, layer) => sum + layer.parameters * layer.density, 0);
  const notes = warnings.map((warning) => html`<li>${warning}</li>`);
  return html`<header>
<p class="kicker">Compression report</p>
<h1>${title}</h1>
<p class="lead"><strong>${before.name}</strong> (${before.format}, ${formatCount(before.sizeBytes)} bytes) became <strong>${after.name}</strong> (${after.format}, ${formatCount(after.sizeBytes)} bytes).</p>
<div class="figures">
<div class="figure main"><b>${formatRatio(before.sizeBytes / after.sizeBytes)}</b><span>smaller</span></div>
<div class="figure"><b>${formatBytes(after.sizeBytes)}</b><span>of ${formatBytes(before.sizeBytes)}</span></div>
${quality?.top1 ? html`<div class="figure"><b>${formatPercent(quality.top1.after / quality.samples)}</b><span>top-1, was ${formatPercent(quality.top1.before / quality.samples)}</span></div>` : nothing}
${quality?.agreement == null ? nothing : html`<div class="figure"><b>${formatPercent(quality.agreement)}</b><span>same answer, of ${formatCount(quality.samples)} samples</span></div>`}
${quality === null ? nothing : html`<div class="figure"><b>${formatDecibels(quality.outputSqnrDb)}</b><span>SQNR of the outputs</span></div>`}
<div class="figure"><b>${formatPercent(parameters === 0 ? 1 : kept / parameters)}</b><span>of ${formatCount(parameters)} weights kept</span></div>
</div>
${quality === null ? html`<p class="lead">Accuracy was not measured: the run had no data. Pass <strong>--data</strong> and <strong>--labels</strong> to see it here.</p>` : nothing}
${notes.length === 0 ? nothing : html`<ul class="notes">${notes}</ul>`}
</header>`;
}

function waterfall({ passes, sizeBytesBefore, sizeFormat, before, after }: ReportData): Html {
  const most = Math.max(1, sizeBytesBefore, ...passes.map((pass) => pass.sizeBytes));
  let last = sizeBytesBefore;
  const rows = passes.map((pass) => {
    const row = passRow(pass, last, most);
    last = pass.sizeBytes;
    return row;
  });
  const counted = sizeFormat === null ? 'the weights' : `the whole file as ${sizeFormat}`;
  const converted =
    sizeFormat === null || sizeFormat === before.format
      ? ''
      : ` The ${before.format} file itself has ${formatBytes(before.sizeBytes)}.`;
  const written =
    sizeFormat === after.format
      ? ''
      : ` What was written is ${after.format}, ${formatBytes(after.sizeBytes)}.`;
  return html`<section>
<h2>Where the bytes went</h2>
<p class="about">Bytes of ${counted} after each pass. Striped is what the pass took away.${converted}${written}</p>
<ol class="rows waterfall">
<li><span class="name">as it came</span>${waterfallBar(sizeBytesBefore / most, sizeBytesBefore / most)}<span class="value">${formatBytes(sizeBytesBefore)}</span></li>
${rows}
</ol>
</section>`;
}

function passRow(pass: ReportPass, before: number, most: number): Html {
  const statistics = Object.entries(pass.statistics).map(([name, count]) => `${name} ${formatNumber(count)}`);
  const details = [...statistics, ...(pass.modified ? [] : ['nothing to do']), formatTime(pass.elapsedMs)];
  return html`<li><span class="name">${pass.name}<span class="badge ${pass.effect}">${pass.effect}</span></span>${waterfallBar(before / most, pass.sizeBytes / most)}<span class="value">${formatBytes(pass.sizeBytes)} <small>${change(before, pass.sizeBytes)}</small></span><span class="detail">${details.join(' · ')}</span></li>`;
}

/** A count with separators; a fraction with three digits. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toPrecision(3);
}

function change(before: number, after: number): string {
  if (before === after || before === 0) return 'same';
  const part = ((after - before) / before) * 100;
  const digits = Math.abs(part) < 10 ? 1 : 0;
  return `${part < 0 ? '−' : '+'}${Math.abs(part).toFixed(digits)} %`;
}

function bytesPerLayer(layers: readonly ReportLayer[]): Html {
  if (layers.length === 0) return nothing;
  const most = Math.max(1, ...layers.flatMap((layer) => [layer.bytesBefore, layer.bytesAfter]));
  const rows = [...layers]
    .sort((a, b) => b.bytesBefore - a.bytesBefore)
    .map(
      (layer) =>
        html`<li>${layerName(layer.name)}${pairBar(layer.bytesBefore / most, layer.bytesAfter / most)}<span class="value">${formatBytes(layer.bytesAfter)} <small>of ${formatBytes(layer.bytesBefore)}</small></span></li>`,
    );
  return html`<section>
<h2>Bytes per layer</h2>
<p class="about">The weights of each layer, largest first.</p>
${legend([
  ['was', 'before'],
  ['leaf', 'after'],
])}
${folded(rows, ROWS, 'layers', (some) => html`<ul class="rows layers">${some}</ul>`)}
</section>`;
}

function lossPerLayer({ layers, measuredOn }: ReportData): Html {
  const measured = measuredOn !== null && layers.some((layer) => layer.outputSqnrDb !== null);
  const lossOf = (layer: ReportLayer): number =>
    (measured ? layer.outputSqnrDb : layer.weightSqnrDb) ?? Infinity;
  const changed = layers
    .filter((layer) => Number.isFinite(lossOf(layer)))
    .sort((a, b) => lossOf(a) - lossOf(b));
  if (changed.length === 0) return nothing;
  const most = Math.max(1, ...changed.map(lossOf));
  const rows = changed.map((layer) => {
    const sqnr = lossOf(layer);
    // Below 10 dB the noise has a tenth of the signal's power.
    return html`<li>${layerName(layer.name)}${singleBar(sqnr / most, sqnr < 10)}<span class="value">${formatDecibels(sqnr)}</span></li>`;
  });
  const what = measured
    ? `Signal to noise of what each layer computes, on ${formatCount(measuredOn.samples)} samples of ${measuredOn.data}. It includes what the layers before it lost.`
    : 'Signal to noise of the weights themselves.';
  const same = layers.length - changed.length;
  return html`<section>
<h2>What each layer lost</h2>
<p class="about">${what} Worst first; longer is better, below 10 dB is marked.${same === 0 ? '' : ` ${same} more ${same === 1 ? 'layer is' : 'layers are'} exact or not measured.`}</p>
${folded(rows, ROWS, 'layers', (some) => html`<ul class="rows layers">${some}</ul>`)}
</section>`;
}

function histograms({ histograms, layers }: ReportData): Html {
  if (histograms.length === 0) return nothing;
  const sizes = new Map(layers.map((layer) => [layer.name, layer]));
  const figures = histograms.map((histogram) => {
    const count = sizes.get(histogram.name)?.parameters ?? histogram.before.reduce((sum, n) => sum + n, 0);
    return html`<figure><figcaption><span class="name" title="${histogram.name}">${histogram.name}</span><span>${formatCount(count)}</span></figcaption>${histogramChart(histogram)}<div class="ends"><span>${histogram.min.toPrecision(3)}</span><span>${histogram.max.toPrecision(3)}</span></div></figure>`;
  });
  const shared = histograms.some((histogram) => histogram.centroids.length > 0);
  return html`<section>
<h2>Weights before and after</h2>
<p class="about">How often each value occurs. Heights are square roots of counts, so that rare weights are seen beside a peak of zeros.</p>
${legend([['was', 'before'], ['leaf', 'after'], ...(shared ? [['clay', 'centroids'] as const] : [])])}
${folded(figures, HISTOGRAMS, 'weights', (some) => html`<div class="grid">${some}</div>`)}
</section>`;
}

/** A small picture for each curve, all over the same axes. */
function curves(plot: ReportPlot): Html {
  const { x, y } = extents(plot);
  const figures = plot.series.map(
    (series) =>
      html`<figure><figcaption><span class="name" title="${series.name}">${series.name}</span><span>${formatCell(y[0])} to ${formatCell(y[1])}</span></figcaption>${curveChart(series, x, y)}<div class="ends"><span>${formatCell(x[0])}</span>${series.marked === undefined ? nothing : html`<span>${series.marked.toPrecision(3)}</span>`}<span>${formatCell(x[1])}</span></div></figure>`,
  );
  return folded(figures, HISTOGRAMS, 'curves', (some) => html`<div class="grid">${some}</div>`);
}

/** What passes chose or found. */
function passTables({ passes }: ReportData): readonly Html[] {
  return passes.flatMap(({ name, tables }) =>
    tables.map(({ title, columns, rows, plot }) => {
      const isNumber = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number'));
      const cells = (row: readonly (string | number)[]): readonly Html[] =>
        row.map(
          (cell, i) => html`<td class="${isNumber[i] === true ? 'number' : ''}">${formatCell(cell)}</td>`,
        );
      return html`<section>
<h2>${title}</h2>
<p class="about">By ${name}.${plot === undefined ? '' : ` Up: ${plot.y}; to the right: ${plot.x}. What was chosen is marked.`}</p>
${plot === undefined ? nothing : curves(plot)}
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${columns.map((column, i) => html`<th class="${isNumber[i] === true ? 'number' : ''}">${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody>
</table></div>
</section>`;
    }),
  );
}

function layerTable({ layers }: ReportData): Html {
  if (layers.length === 0) return nothing;
  const rows = layers.map(
    (
      layer,
    ) => html`<tr><th scope="row">${layer.name}</th><td>${layer.op}</td><td>${formatDims(layer.dims)}</td><td class="number">${formatCount(layer.parameters)}</td><td class="number">${formatPercent(layer.density)}</td><td class="number">${formatCount(layer.bytesBefore)}</td><td class="number">${formatCount(layer.bytesAfter)}</td><td class="number">${formatRatio(layer.bytesBefore / layer.bytesAfter)}</td><td class="number">${formatDecibels(layer.weightSqnrDb)}</td><td class="number">${formatDecibels(layer.outputSqnrDb)}</td><td class="tree">${layer.encoding}</td></tr>
`,
  );
  return html`<section>
<h2>Layer by layer</h2>
<p class="about">In the order in which they compute.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Layer by layer"><table>
<thead><tr><th>weight</th><th>operator</th><th>shape</th><th class="number">parameters</th><th class="number">kept</th><th class="number">bytes before</th><th class="number">after</th><th class="number">ratio</th><th class="number">weight SQNR</th><th class="number">output SQNR</th><th>encoding</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
</section>`;
}

function recipe({ recipe: steps, command, versions, seed }: ReportData): Html {
  const lines = Object.entries({ ...versions, seed: String(seed) }).map(
    ([name, version]) => `${name} ${version}`,
  );
  return html`<section>
<h2>Do it again</h2>
<p class="about">The same command, versions and seed give the same bytes. Save the recipe to a file and pass it with --recipe.</p>
<pre>${command}</pre>
<pre>${lines.join('\n')}</pre>
<pre>${JSON.stringify(steps, null, 2)}</pre>
</section>`;
}
