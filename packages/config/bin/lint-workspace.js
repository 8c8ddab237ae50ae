// Checks what no linter of one package can see: that dependencies point one way, that a package
// lists what it imports, and that the top level holds what it should. Prints a line per fault.
import fs from 'node:fs';
import path from 'node:path';
import { filesBelow, root, workspacePackages } from './workspace.js';

/** What each part may depend on at run time. Plugins never see each other; nothing sees an app. */
const allowed = {
  'packages/config': [],
  'packages/core': [],
  'packages/kernels': [],
  'packages/onnx': ['packages/core'],
  'packages/tflite': ['packages/core'],
  'packages/container': ['packages/core'],
  'packages/plugin-kit': ['packages/core'],
  'packages/runtime': ['packages/core', 'packages/kernels'],
  'packages/train': ['packages/core', 'packages/kernels', 'packages/runtime'],
  plugins: ['packages/core', 'packages/runtime', 'packages/train'],
  'packages/presets': ['packages/core', 'packages/onnx', 'packages/tflite', 'packages/container', 'packages/runtime', 'packages/train', 'plugins'],
  apps: ['packages', 'plugins'],
  docs: ['packages', 'plugins', 'apps'],
};

const topLevel = ['packages', 'plugins', 'apps', 'docs', 'turbo.json', 'package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'README.md', 'LICENSE', 'CONTRIBUTING.md', 'node_modules', 'out'];

const faults = [];
const packages = workspacePackages();
const folderOf = new Map(packages.map(({ folder, manifest }) => [manifest.name, folder]));

for (const { folder, manifest } of packages) {
  const rules = allowed[folder] ?? allowed[folder.split('/')[0]] ?? [];
  const listed = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  for (const name of Object.keys(listed)) {
    const target = folderOf.get(name);
    if (target !== undefined && !mayUse(rules, target)) faults.push(`${folder} may not depend on ${target}`);
  }
  checkImports(folder, manifest, listed);
  if (folder.startsWith('plugins/')) checkPublishedApi(folder);
}
for (const name of fs.readdirSync(root)) {
  if (!name.startsWith('.') && !topLevel.includes(name)) faults.push(`${name} does not belong at the top level`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${packages.length} packages: dependencies point one way`);

function mayUse(rules, target) {
  return rules.some((rule) => target === rule || target.startsWith(`${rule}/`));
}

/**
 * First-party plugins are what others copy: sources and tests take from `@espalier/*` only entry points that are published, and
 * reach into no other folder of the workspace.
 */
function checkPublishedApi(folder) {
  for (const file of [...filesBelow(`${folder}/src`), ...filesBelow(`${folder}/test`)]) {
    if (!file.endsWith('.ts')) continue;
    for (const [specifier, line] of importsOf(file)) {
      const place = `${file}:${line}`;
      if (specifier.startsWith('.')) {
        const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
        if (!target.startsWith(`${folder}/`)) faults.push(`${place} reaches out of its package: ${specifier}`);
      } else if (specifier.startsWith('@espalier/') && !isPublished(specifier)) {
        faults.push(`${place} imports ${specifier}, which is no published entry point`);
      }
    }
  }
}

/** Import specifiers of a file, and the lines they are in. */
function importsOf(file) {
  const lines = fs.readFileSync(path.join(root, file), 'utf8').split('\n');
  return lines.flatMap((text, i) =>
    [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => [specifier, i + 1]),
  );
}

/** Whether a package that is published has the specifier among its entry points, as it is published. */
function isPublished(specifier) {
  const name = specifier.split('/').slice(0, 2).join('/');
  const manifest = packages.find((one) => one.manifest.name === name)?.manifest;
  if (manifest === undefined) return false;
  // Tests may use the workspace's settings, which are private.
  if (manifest.private) return name === '@espalier/config';
  return Object.hasOwn(manifest.publishConfig?.exports ?? manifest.exports, `.${specifier.slice(name.length)}`);
}

/** Sources import only what the package lists; tests may also use devDependencies. */
function checkImports(folder, manifest, listed) {
  for (const file of filesBelow(`${folder}/src`)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'([^'.][^']*)'/g)) {
      if (specifier.startsWith('node:') || specifier.includes('${')) continue;
      const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
      if (name !== manifest.name && listed[name] === undefined && !(manifest.private && manifest.devDependencies?.[name])) {
        faults.push(`${file} imports ${name}, which its package.json does not list`);
      }
    }
  }
}
