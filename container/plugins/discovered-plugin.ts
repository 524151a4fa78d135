import type { Manifest } from './manifest.js';

/** A plugin that was found and whose manifest is good; its code has not been imported. */
export interface DiscoveredPlugin {
  readonly manifest: Manifest;
  /** Its package.json. */
  readonly file: string;
  /** Absolute path of its module. */
  readonly module: string;
}
