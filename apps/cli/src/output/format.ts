/** `1,234` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A cell of a table in a report: `1,234`, `0.0125`, or a text as it is. */
export function formatCell(cell: string | number): string {
  return typeof cell === 'string' ? cell : cell.toLocaleString('en-US', { maximumFractionDigits: 4 });
}

/** `1.23 M`: three digits and the power of a thousand. */
export function formatShort(count: number): string {
  const units = ['', ' k', ' M', ' G', ' T'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)}${units[unit]}`;
}

/** `27.4 kB`: powers of 1000, as file managers and networks count. */
export function formatBytes(sizeBytes: number): string {
  return sizeBytes < 1000 ? `${sizeBytes} B` : `${formatShort(sizeBytes).replace(/ ?$/, '')}B`;
}

/** `850 ms`, `1.23 s`, `2 min 5 s` */
export function formatTime(elapsedMs: number): string {
  if (elapsedMs < 10) return `${elapsedMs.toFixed(2)} ms`;
  if (elapsedMs < 999.5) return `${elapsedMs.toFixed(0)} ms`;
  if (elapsedMs < 99_950) return `${(elapsedMs / 1000).toPrecision(3)} s`;
  const seconds = Math.round(elapsedMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `3.98x` */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toPrecision(3)}x` : '-';
}

/** `3.98x smaller`, `1.20x larger`, `of the same size` */
export function formatSizeChange(bytesBefore: number, bytesAfter: number): string {
  if (bytesBefore === bytesAfter) return 'of the same size';
  if (bytesAfter < bytesBefore) return `${formatRatio(bytesBefore / bytesAfter)} smaller`;
  return `${formatRatio(bytesAfter / bytesBefore)} larger`;
}

/** `91.45 %` */
export function formatPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}

/** `38.2 dB`; infinite where nothing changed, `-` where there is none. */
export function formatDecibels(sqnrDb: number | null | undefined): string {
  if (sqnrDb == null || Number.isNaN(sqnrDb)) return '-';
  return Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : sqnrDb > 0 ? 'exact' : '-inf dB';
}

/** `32x3x3x3`; `scalar` without dims, `?` where not even the rank is known. */
export function formatDims(dims: readonly (number | string)[] | null): string {
  if (dims === null) return '?';
  return dims.length === 0 ? 'scalar' : dims.join('x');
}
