export * from './accounts.js';
export * from './cache.js';
export * from './log.js';
export * from './plugin.js';
export * from './query.js';
export * from './sdk.js';
export * from './sip.js';
export * from './xml.js';
