export * from './fake-log.js';
export * from './fake-sdk.js';
export * from './sip-peer.js';
