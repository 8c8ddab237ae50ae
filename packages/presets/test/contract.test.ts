import { checkPlugin } from '@espalier/plugin-kit';
import { formatPlugins } from '../src/formats.js';
import { presets } from '../src/presets.js';
import { recipesPlugin } from '../src/recipes.js';

checkPlugin(recipesPlugin, {
  plugins: presets.filter((plugin) => plugin !== recipesPlugin),
  fixtures: false,
});

// Deep Compression's format has no writer: its own test has a file for it.
for (const plugin of formatPlugins) if (plugin.id !== 'deep-compression-format') checkPlugin(plugin);
