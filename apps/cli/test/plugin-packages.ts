import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const core = fileURLToPath(new URL('../../../packages/core', import.meta.url));

/** Whether plugins can be loaded as users load them: from packages, with a core that is built. */
export const coreIsBuilt: boolean = existsSync(join(core, 'dist/index.js'));

const passOf = (id: string, run: string, more = ''): string => `
  import { defineOptions, definePassPlugin, dense, PASS, tensorOf } from '@espalier/core';
  const run = ${run};
  export const plugin = definePassPlugin({
    id: '${id}',
    about: 'A pass of a test.',
    options: defineOptions({}),
    register: (container) =>
      container.register(PASS, { useFactory: () => ({ name: '${id}', effect: 'lossy', run, ${more} }) }),
  });`;

const markedEncoding = `
  import { dense, definePassPlugin, defineOptions, ENCODING, PASS } from '@espalier/core';
  class Marked {
    kind = 'marked';
    package = 'espalier-plugin-marks';
    constructor(inner) { this.inner = inner; this.children = { inner }; this.type = inner.type; this.dims = inner.dims; }
    get byteLength() { return this.inner.byteLength; }
    decode() { return this.inner.decode(); }
    withChildren({ inner }) { return new Marked(inner); }
    params() { return new Uint8Array(); }
    payload() { return new Uint8Array(); }
  }
  const kind = { kind: 'marked', read: (source) => new Marked(source.child('inner', source.type, source.dims)) };
  const run = (model) => {
    for (const weight of model.weights()) model.replaceWeight(weight, new Marked(weight.encoding));
    return { modified: true };
  };
  export const marks = definePassPlugin({
    id: 'marks',
    about: 'Marks weights.',
    options: defineOptions({}),
    register(container) {
      container.register(PASS, { useFactory: () => ({ name: 'marks', effect: 'exact', run }) });
      container.register(ENCODING, { useValue: kind });
    },
  });`;

const double = `(model) => {
  for (const weight of model.weights()) {
    const { data, dims } = weight.decode();
    model.replaceWeight(weight, dense(tensorOf('float32', Array.from(data, (x) => 2 * x + 1), dims)));
  }
  return { modified: true };
}`;

/** Packages by name, each one file. */
const packages: Readonly<Record<string, string>> = {
  'espalier-plugin-marks': markedEncoding,
  'espalier-plugin-empty': 'export const nothing = 1;',
  'espalier-plugin-throws': "throw new Error('no luck today');",
  'espalier-plugin-old': 'export const old = { id: "old", apiVersion: 7, register() {} };',
  'espalier-plugin-refuses':
    'export const plugin = { id: "refuses", apiVersion: 1, register() { throw new TypeError("not here"); } };',
  'espalier-plugin-breaks': passOf('breaks', "() => { throw new RangeError('out of luck'); }"),
  'espalier-plugin-fills': passOf('fills', double, "preserves: ['sparsity']"),
  'espalier-plugin-taken': passOf('taken', '() => ({ modified: false })').replace(
    "id: 'taken'",
    "id: 'prune'",
  ),
  'espalier-plugin-twice': `
    import { definePlugin, FORMAT } from '@espalier/core';
    const format = { name: 'mine', extensions: ['.mine'], detect: () => false, read() {} };
    export const twice = definePlugin({
      id: 'twice',
      register(container) {
        container.register(FORMAT, { useValue: format });
        container.register(FORMAT, { useValue: format });
      },
    });`,
  'espalier-plugin-onnx': `
    import { definePlugin, FORMAT } from '@espalier/core';
    const format = { name: 'onnx', extensions: ['.onnx'], detect: () => false, read() {} };
    export const mine = definePlugin({
      id: 'my-onnx',
      register: (container) => container.register(FORMAT, { useValue: format }),
    });`,
};

/** A project with all of them installed: ES modules, as plugins are published. */
export async function installPackages(project: string): Promise<void> {
  for (const [name, text] of Object.entries(packages)) {
    const folder = join(project, 'node_modules', name);
    await mkdir(join(folder, 'dist'), { recursive: true });
    const manifest = {
      name,
      version: '1.2.3',
      type: 'module',
      exports: { '.': { import: './dist/index.js' } },
    };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'dist/index.js'), text);
  }
  // Its built files by their path: what resolves to sources in this process does so for plugins, too.
  const own = join(project, 'node_modules/@espalier/core');
  await mkdir(own, { recursive: true });
  await writeFile(
    join(own, 'package.json'),
    '{ "name": "@espalier/core", "type": "module", "exports": "./index.js" }',
  );
  await writeFile(
    join(own, 'index.js'),
    `export * from '${pathToFileURL(join(core, 'dist/index.js')).href}';`,
  );
}
