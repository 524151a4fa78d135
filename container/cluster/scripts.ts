import { createHash } from 'node:crypto';

/** A script that Redis runs atomically. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * A node begins: it gets a fence, a number that no other run of any node has. KEYS node, lease, names of all nodes. ARGV name, URL, certificate,
 * 1 if it has calls, lease in ms. Returns the fence, and that of the run before.
 */
export const REGISTER = script(`
local time = redis.call('TIME')
local before = redis.call('HGET', KEYS[1], 'fence') or ''
if before == '0' then before = redis.call('HGET', KEYS[1], 'buried') or '' end
local fence = time[1] * 1000000 + time[2]
if tonumber(before) and fence <= tonumber(before) then fence = tonumber(before) + 1 end
fence = string.format('%.0f', fence)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fence', fence, 'url', ARGV[2], 'certificate', ARGV[3], 'calls', ARGV[4])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], fence, 'PX', ARGV[5])
return { fence, before }`);

/**
 * A node lives on. Keys and arguments as for REGISTER, then the fence. Returns 1; 2 if Redis knew nothing of the node any more; 0 if the
 * node has lost its records to others.
 */
export const RENEW = script(`
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and fence ~= ARGV[6] then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[6], 'url', ARGV[2], 'certificate', ARGV[3], 'calls', ARGV[4])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[5])
if fence then return 1 end
return 2`);

/** A node ends by itself. KEYS as for REGISTER. ARGV name, fence. */
export const LEAVE = script(`
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1`);

/**
 * A node is dead: from now on its fence is good for nothing. KEYS node, lease. ARGV fence. Returns 1 if the records of that fence may be
 * taken over.
 */
export const BURY = script(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if redis.call('HGET', KEYS[1], 'buried') == ARGV[1] then return 1 end
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'fence', '0', 'buried', ARGV[1])
return 1`);

/**
 * Writes a record and its new events, if the node's fence is good and the record is the node's. KEYS record, ids, ids of the node's live
 * records, node, events. ARGV id, node, fence, prefix of keys, prefix of records, 1 if live, kept in ms, most events, number of keys, keys,
 * number of texts, names and texts, then events with their sequence numbers. Returns 1; 0 if the record is another's, -1 if the node is fenced.
 */
export const PUT = script(`
if redis.call('HGET', KEYS[4], 'fence') ~= ARGV[3] then return -1 end
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and fence ~= ARGV[3] then return 0 end
local id, live, kept = ARGV[1], ARGV[6], ARGV[7]
local at = 10
local keys = tonumber(ARGV[9])
for index = at, at + keys - 1 do
  local key = ARGV[4] .. ARGV[index]
  local holder = (redis.call('GET', key) or ''):match('^%S+')
  local isFree = not holder or holder == id
  if not isFree and live == '1' then
    local other = redis.call('HGET', ARGV[5] .. holder, 'live')
    isFree = other == '0' or (not other and holder < id)
  end
  if isFree then redis.call('SET', key, id .. ' ' .. ARGV[2], 'PX', kept) end
end
at = at + keys
local texts = tonumber(ARGV[at])
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'fence', ARGV[3], 'live', live, unpack(ARGV, at + 1, at + texts))
redis.call('PEXPIRE', KEYS[1], kept)
redis.call('ZADD', KEYS[2], 0, id)
if live == '1' then redis.call('SADD', KEYS[3], id) else redis.call('SREM', KEYS[3], id) end
at = at + texts + 1
local told = tonumber(redis.call('HGET', KEYS[1], 'told') or '0')
while ARGV[at] do
  local sequence = tonumber(ARGV[at])
  if sequence > told then
    told = sequence
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[8], '*', 'id', id, 'sequence', sequence, 'text', ARGV[at + 1])
    redis.call('HSET', KEYS[1], 'told', told)
  end
  at = at + 2
end
return 1`);

/**
 * Takes a key for a new record. KEYS key, counter. ARGV id, node, prefix of records, id that may be replaced, ms that the claim is good
 * for. Returns the count, and id and node of the live record that has the key.
 */
export const CLAIM = script(`
local count = redis.call('INCR', KEYS[2])
if count == 1 then redis.call('PEXPIRE', KEYS[2], 1000) end
local holder, node = (redis.call('GET', KEYS[1]) or ''):match('^(%S+) (%S+)$')
if holder and holder ~= ARGV[1] and holder ~= ARGV[4] then
  local record = redis.call('HMGET', ARGV[3] .. holder, 'live', 'owner')
  if record[1] ~= '0' then return { count, holder, record[2] or node } end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[5])
return { count }`);

/**
 * Takes a live record over from a run of a node that is no more. KEYS record, live records of the dead node, of this node, this node.
 * ARGV id, name of the dead node, its fence, name of this node, its fence. Returns the record, or nothing.
 */
export const TAKE_OVER = script(`
if redis.call('HGET', KEYS[4], 'fence') ~= ARGV[5] then return {} end
local record = redis.call('HMGET', KEYS[1], 'owner', 'fence', 'live')
local isTheirs = record[1] == ARGV[2] and record[3] == '1'
if isTheirs and record[2] ~= ARGV[3] then return {} end
redis.call('SREM', KEYS[2], ARGV[1])
if not isTheirs then return {} end
redis.call('HSET', KEYS[1], 'owner', ARGV[4], 'fence', ARGV[5])
redis.call('SADD', KEYS[3], ARGV[1])
return redis.call('HGETALL', KEYS[1])`);

/** Reserves a name. KEYS name. ARGV text, ms. Returns the text that was there. */
export const RESERVE = script(`
local text = redis.call('GET', KEYS[1])
if text then return text end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`);

/**
 * Takes a duty, or keeps it. KEYS duty, its term, its state. ARGV node, lease in ms, the term in which the node has the duty or nothing, a
 * new term. Returns `kept`; `taken`, the new term and the state; `forgotten` if the state is lost; `lost` if another node has the duty.
 */
export const HOLD_DUTY = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return { 'lost' } end
local term = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[3] ~= '' and term == ARGV[3] then return { 'kept' } end
if ARGV[3] ~= '' and not term then
  redis.call('SET', KEYS[2], ARGV[3])
  return { 'forgotten' }
end
redis.call('SET', KEYS[2], ARGV[4])
return { 'taken', ARGV[4], redis.call('HGETALL', KEYS[3]) }`);

/** Writes the state of a duty. KEYS term, state. ARGV term, then 1 to write or 0 to remove, name and text of each. Returns 1, or 0 if the term is over. */
export const WRITE_DUTY = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for index = 2, #ARGV, 3 do
  if ARGV[index] == '1' then redis.call('HSET', KEYS[2], ARGV[index + 1], ARGV[index + 2])
  else redis.call('HDEL', KEYS[2], ARGV[index + 1]) end
end
return 1`);

/** Leaves a duty to other nodes. KEYS duty, its term. ARGV node, term. */
export const RELEASE_DUTY = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
return redis.call('DEL', KEYS[1])`);

/** Takes ids out of the list whose records have expired. KEYS ids. ARGV prefix of records, first id, how many. Returns where to go on. */
export const PRUNE = script(`
local ids = redis.call('ZRANGE', KEYS[1], ARGV[2], '+', 'BYLEX', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV[1] .. id) == 0 then redis.call('ZREM', KEYS[1], id) end
end
if #ids < tonumber(ARGV[3]) then return '-' end
return '(' .. ids[#ids]`);

/** Counts a wrong PIN. KEYS counter. ARGV how many are too many, ms that fewer are remembered, ms that so many are. */
export const COUNT_GUESS = script(`
local wrong = redis.call('INCR', KEYS[1])
if wrong == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if wrong == tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return wrong`);

/** Takes a count of a nonce. KEYS nonce. ARGV count, ms that it is remembered. Returns 0 where it was taken before. */
export const TAKE_NONCE = script(`
local isNew = redis.call('SADD', KEYS[1], ARGV[1])
if isNew == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return isNew`);

export const SCRIPTS: readonly Script[] = [
  REGISTER,
  RENEW,
  LEAVE,
  BURY,
  PUT,
  CLAIM,
  TAKE_OVER,
  RESERVE,
  HOLD_DUTY,
  WRITE_DUTY,
  RELEASE_DUTY,
  PRUNE,
  COUNT_GUESS,
  TAKE_NONCE,
];
