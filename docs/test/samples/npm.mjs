// Stands in for npm where samples are run: `npm i` and `npm create` check that the package is there,
// the rest that there is such a script.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [root, verb, ...words] = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('-'));
const scriptsOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts ?? {};
const scripts = { ...scriptsOf(root), ...scriptsOf('.') };

if (verb === 'i' || verb === 'install') {
  const missing = names.filter(
    (name) => !existsSync(join('node_modules', name)) && !existsSync(join(root, 'node_modules', name)),
  );
  if (missing.length > 0) fail(`${missing.join(', ')} can't be installed: list it in docs/package.json`);
} else if (verb === 'create') {
  const apps = readdirSync(join(root, 'apps')).filter((name) =>
    existsSync(join(root, 'apps', name, 'package.json')),
  );
  const packages = apps.map(
    (name) => JSON.parse(readFileSync(join(root, 'apps', name, 'package.json'), 'utf8')).name,
  );
  if (!packages.includes(`create-${names[0]}`)) fail(`there is no package create-${names[0]}`);
} else {
  const script = verb === 'run' ? names[0] : verb;
  if (scripts[script] === undefined) fail(`neither the workspace nor this folder has a script "${script}"`);
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
