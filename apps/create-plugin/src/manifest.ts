import { readFileSync } from 'node:fs';
import type { Kind } from './kinds.js';
import type { Names } from './names.js';

interface OwnManifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What every new package is developed with; the versions are those that the templates were tested with. */
const tools = [
  '@biomejs/biome',
  '@espalier/core',
  '@espalier/plugin-kit',
  '@espalier/presets',
  '@types/node',
  'typescript',
  'vitest',
];

/** What a kind needs besides. */
const further: Readonly<Partial<Record<Kind, readonly string[]>>> = { encoding: ['fast-check'] };

const abouts: Readonly<Record<Kind, string>> = {
  pass: 'Drops weights that are small beside the largest of their tensor',
  encoding: 'Run-length coding of weight streams',
  format: 'Reads matrices of NumPy as linear layers',
  kernel: 'Computes QuickGelu, the activation of CLIP',
  calibrator: 'Clips activations where rounding and clipping cost least, by their variance',
};

/** The package.json of a new plugin. */
export function manifestFor(kind: Kind, names: Names): string {
  const versions = ownVersions();
  const manifest = {
    name: names.packageName,
    version: '0.1.0',
    description: abouts[kind],
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    keywords: ['espalier-plugin', 'neural-network', 'compression'],
    files: ['dist', 'CHANGELOG.md'],
    exports: { '.': './dist/index.js', './package.json': './package.json' },
    engines: { node: '>=20.19' },
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      lint: 'biome lint . && tsc -p tsconfig.json',
      format: 'biome check --write .',
      test: 'vitest run',
      measure: 'npm run -s build && node measure.js',
      prepublishOnly: 'npm run -s build && npm run -s lint && npm test',
    },
    peerDependencies: { '@espalier/core': versions('@espalier/core') },
    devDependencies: Object.fromEntries(
      [...tools, ...(further[kind] ?? [])].sort().map((name) => [name, versions(name)]),
    ),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * The versions that this package was developed with. Published they are ranges; in the workspace `workspace:^`, which
 * stands for all packages being in one version, this one's.
 */
function ownVersions(): (name: string) => string {
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as OwnManifest; // our own file
  return (name) => {
    const range = own.devDependencies[name];
    if (range === undefined) throw new Error(`${name} is no devDependency of create-espalier-plugin.`);
    return range.startsWith('workspace:') ? `^${own.version}` : range;
  };
}
