import { Names } from './name-table.js';

/** Methods of received requests. */
export const METHODS = new Names('ACK', 'BYE', 'CANCEL', 'INFO', 'INVITE', 'NOTIFY', 'OPTIONS', 'REFER', 'UPDATE');
