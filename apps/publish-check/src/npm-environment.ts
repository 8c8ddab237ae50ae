import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The environment of a user whose npm knows no registry but this one, and who runs no install scripts.
 *
 * @param folder - for npm's settings and cache
 * @param tools - folders of programs to find first
 */
export function npmEnvironment(folder: string, registry: string): NodeJS.ProcessEnv {
  const userconfig = join(folder, 'npmrc');
  // npm publishes only with a token; the registry takes any.
  writeFileSync(userconfig, `${registry.replace(/^http:/, '')}:_authToken=anybody\n`);
  // What the npm and the vitest around this test have set is not for those that are started by it.
  const outer = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|vitest|node_env$|test$|init_cwd$|force_color$)/i.test(name),
  );
  return {
    ...Object.fromEntries(outer),
    NO_COLOR: '1',
    npm_config_registry: registry,
    npm_config_userconfig: userconfig,
    npm_config_cache: join(folder, 'npm-cache'),
    npm_config_ignore_scripts: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_prefer_offline: 'true',
    npm_config_progress: 'false',
    npm_config_yes: 'true',
  };
}
