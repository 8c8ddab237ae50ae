// Sets up, builds, lints and tests the whole workspace, then prints one summary of all tests.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readJson, root, workspacePackages } from './workspace.js';

const started = Date.now();
let ok = step('npm', ['run', '-s', 'setup']);
// Three for two cores: tests wait for browsers, registries and workers, and the longest ones come last.
ok = ok && step('npx', ['turbo', 'run', 'build', 'lint', 'test', '--concurrency=3', '--continue', '--output-logs=new-only']);
ok = step('node', ['packages/config/bin/lint-workspace.js']) && ok;
ok = step('node', ['packages/config/bin/api-report.js']) && ok;

const total = { passed: 0, failed: 0, skipped: 0 };
for (const { folder, manifest } of workspacePackages()) {
  if (manifest.scripts?.test === undefined) continue;
  const file = path.join(root, folder, 'test-report.json');
  if (!fs.existsSync(file)) {
    console.error(`${folder}: its tests did not run`);
    ok = false;
    continue;
  }
  const report = readJson(file);
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests + (report.numTotalTests === 0 ? report.numFailedTestSuites : 0);
  total.skipped += report.numPendingTests + report.numTodoTests;
  if (!report.success) ok = false;
}
if (process.env.CI && total.skipped > 0) {
  console.error(`${total.skipped} tests were skipped; where this runs as CI none may be.`);
  ok = false;
}
console.log(`All done in ${((Date.now() - started) / 60_000).toFixed(1)} minutes.`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(ok && total.failed === 0 ? 0 : 1);

function step(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
}
