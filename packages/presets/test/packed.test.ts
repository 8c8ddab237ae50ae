import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { otherHosts } from '@espalier/config/hosts';
import { writeEspalier } from '@espalier/container';
import { writeOnnx } from '@espalier/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { colours } from './colours.js';

// The packages as they are published, in a project outside the workspace: sees files that are not packed, exports that
// lead nowhere, and dependencies that only the workspace has.

const workspace = fileURLToPath(new URL('../../../', import.meta.url));
const page = otherHosts().find(({ host }) => host === 'Chromium');
const noPage = page === undefined || page.missing !== null;
if (noPage) console.log(`Skipped: ${page?.missing}`);

const program = `import '@espalier/presets/onnxruntime';
import { InferenceSession, Tensor } from 'onnxruntime-common';

export async function logitsOf(model) {
  const session = await InferenceSession.create(model);
  const { logits } = await session.run({ image: new Tensor('float32', new Float32Array(12).fill(2), [1, 3, 2, 2]) });
  return [...logits.data];
}
`;
const formats = [
  { file: 'model.onnx', bytes: writeOnnx(colours()) },
  { file: 'model.espalier', bytes: writeEspalier(colours()) },
];

describe('packed and installed, the import for ONNX Runtime', () => {
  let project: string;

  beforeAll(() => {
    project = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-packed-'));
    installPacked(project);
    fs.writeFileSync(path.join(project, 'program.mjs'), program);
    for (const { file, bytes } of formats) fs.writeFileSync(path.join(project, file), bytes);
  }, 120_000);
  afterAll(() => fs.rmSync(project, { recursive: true, force: true }));

  test.each(formats)('runs $file in Node', ({ file }) => {
    const line = `import { logitsOf } from './program.mjs'; console.log(...(await logitsOf('${file}')));`;
    const options = { cwd: project, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', line], options).trim()).toBe(
      '2 2 2',
    );
  });

  test.skipIf(noPage)('runs both in a page, bundled', async () => {
    const host = await page?.open(await bundleForPage(path.join(project, 'program.mjs')));
    for (const { bytes } of formats) expect(await host?.call('logitsOf', bytes)).toEqual([2, 2, 2]);
    await host?.close();
  });
});

/** What `npm install @espalier/presets onnxruntime-common` leaves, of tarballs that are made here. */
function installPacked(project: string): void {
  const tarballs = path.join(project, 'tarballs');
  const pnpm = path.join(workspace, 'node_modules/pnpm/bin/pnpm.cjs');
  const pack = ['-r', '--filter-prod', '@espalier/presets...', 'pack', '--pack-destination', tarballs];
  execFileSync(process.execPath, [pnpm, ...pack], { cwd: workspace, stdio: 'ignore' });
  for (const tarball of fs.readdirSync(tarballs)) {
    const folder = path.join(
      project,
      'node_modules/@espalier',
      tarball.replace(/^espalier-|-[\d.]+\.tgz$/g, ''),
    );
    fs.mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['xzf', path.join(tarballs, tarball), '--strip-components=1', '-C', folder]);
    linkDependencies(project, JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')));
  }
}

/** Packages of others, from where the workspace has them. */
function linkDependencies(project: string, manifest: Manifest): void {
  const source = manifest.name.replace(/^@espalier\/(?:plugin-(?!kit))?/, (scope) =>
    scope.endsWith('plugin-') ? 'plugins/' : 'packages/',
  );
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = path.join(project, 'node_modules', name);
    if (name.startsWith('@espalier/') || fs.existsSync(link)) continue;
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(fs.realpathSync(path.join(workspace, source, 'node_modules', name)), link);
  }
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
