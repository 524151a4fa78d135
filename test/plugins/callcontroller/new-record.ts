import { CallRecord } from '../../../plugins/callcontroller/model/call-record.js';
import { request } from './invite/call-request.js';

/** Of a call from Alice to Bob that nobody watches. */
export function newRecord(): CallRecord {
  const listener = { onChange: () => undefined, onEvent: () => undefined };
  return new CallRecord('0198c0de-0000-7000-8000-000000000001', Date.now(), request, listener);
}
