import { readdirSync, readFileSync } from 'node:fs';

/** Bytes that the renderers of this process's browsers have in memory, what they share counted in parts; 0 where /proc does not tell. */
export function rendererBytes(): number {
  let bytes = 0;
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const command = read(`/proc/${pid}/cmdline`);
      if (!command.includes('--type=renderer') || !isDescendant(pid)) continue;
      bytes += 1024 * Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
    }
  } catch {
    return 0;
  }
  return bytes;
}

/** A process may be gone when it is read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isDescendant(pid: string): boolean {
  for (
    let at = pid;
    at !== '0' && at !== '';
    at = /^PPid:\s+(\d+)/m.exec(read(`/proc/${at}/status`))?.[1] ?? ''
  ) {
    if (at === String(process.pid)) return true;
  }
  return false;
}
