import { apiVersion } from '@espalier/core';
import type { Clause } from '../clause.js';
import type { PluginSubject } from './subject.js';

/** Core refuses others, with both versions named: the kit finds it out before users do. */
export const speaksThisApi: Clause<PluginSubject> = {
  name: 'speaks-this-api',
  promise: 'it has an id, and is made for the plugin API of this core',
  fix: 'Make it with definePlugin or definePassPlugin of the @espalier/core that it is tested with.',
  breach({ plugin }) {
    if (typeof plugin.id !== 'string' || plugin.id === '') return 'it has no id';
    if (plugin.apiVersion === apiVersion) return null;
    return `it was made for plugin API ${plugin.apiVersion}, this core speaks ${apiVersion}`;
  },
};
