import { namesOf } from './name-table.js';

/** Methods of requests that come. */
export const METHODS = namesOf('ACK', 'BYE', 'CANCEL', 'INFO', 'INVITE', 'NOTIFY', 'OPTIONS', 'REFER', 'UPDATE');
