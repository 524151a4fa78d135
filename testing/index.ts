// Plugins with tsyringe's decorators are loaded behind this module.
import 'reflect-metadata';
export * from './fake-log.js';
export * from './fake-sdk.js';
export * from './sip-peer.js';
