// Writes the public API of every package and each of its entries, as the built declarations have it, to docs/api/. Without
// --update it only checks that the committed listing is what the build gives.
import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { root, workspacePackages } from './workspace.js';

const update = process.argv.includes('--update');
const folder = path.join(root, 'docs/api');
let stale = 0;
if (update) fs.mkdirSync(folder, { recursive: true });
for (const { folder: home, manifest } of workspacePackages()) {
  if (manifest.private) continue;
  const entries = entriesOf(home, manifest);
  if (entries.some(({ index }) => !fs.existsSync(index))) {
    console.error(`${home} is not built`);
    stale++;
    continue;
  }
  const file = path.join(folder, `${manifest.name.replace('@espalier/', '')}.md`);
  const text = entries.map(({ name, index }, i) => section(i === 0 ? '#' : '##', name, index)).join('\n');
  if (update) fs.writeFileSync(file, text);
  else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
    console.error(`${path.relative(root, file)} differs from the build: run "npm run api" and look at the change`);
    stale++;
  }
}
process.exit(stale === 0 ? 0 : 1);

/** What a package can be imported by, the package itself first, with the declarations of each. */
function entriesOf(home, { name, exports }) {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const script = target.default ?? target;
    if (!script.endsWith('.js')) return []; // data: package.json, schemas
    const index = path.join(root, home, script.replace(/\.js$/, '.d.ts'));
    return [{ name: name + subpath.slice(1), index }];
  });
}

function section(level, name, index) {
  const declarations = listing(index);
  if (declarations === '') return `${level} ${name}\n\nImported for what it does: it has no exports.\n`;
  return `${level} ${name}\n\n\`\`\`ts\n${declarations}\n\`\`\`\n`;
}

/** The declarations behind `export { … } from` of an index, sorted by name, without comments. */
function listing(index) {
  const entries = [];
  for (const statement of parse(index).program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    if (statement.source === null) continue;
    const source = statement.source.value;
    for (const { local, exported } of statement.specifiers) {
      const name = exported.name ?? exported.value;
      const text = source.startsWith('.')
        ? declaration(path.resolve(path.dirname(index), source.replace(/\.js$/, '.d.ts')), local.name)
        : `export { ${name} } from '${source}';`;
      entries.push([name, text]);
    }
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, text]) => text).join('\n\n');
}

/** The declarations of one name in a declaration file (all overloads). */
function declaration(file, name) {
  const { text, program } = parse(file);
  const found = [];
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    if (declared !== null && declaredNames(declared).includes(name)) found.push(clean(text.slice(statement.start, statement.end)));
    // A barrel inside the package: follow it.
    if (statement.type === 'ExportNamedDeclaration' && statement.source !== null) {
      const specifier = statement.specifiers.find(({ exported }) => exported.name === name);
      if (specifier !== undefined) {
        found.push(declaration(path.resolve(path.dirname(file), statement.source.value.replace(/\.js$/, '.d.ts')), specifier.local.name));
      }
    }
  }
  if (found.length === 0) throw new Error(`${file} does not declare ${name}`);
  return found.join('\n');
}

function declaredNames(declared) {
  if (declared.type === 'VariableDeclaration') return declared.declarations.map(({ id }) => id.name);
  return [declared.id?.name];
}

/** Without comments and blank lines: what is left is what a caller can depend on. */
function clean(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\n\s*\n/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
}

function parse(file) {
  const text = fs.readFileSync(file, 'utf8');
  return { text, program: parseSync(file, text, { lang: 'dts' }).program };
}
