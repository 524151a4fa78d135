import { Names } from './name-table.js';

/** Methods of requests that come. */
export const METHODS = new Names('ACK', 'BYE', 'CANCEL', 'INFO', 'INVITE', 'NOTIFY', 'OPTIONS', 'REFER', 'UPDATE');
