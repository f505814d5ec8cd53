local key, outbox, deadlines = KEYS[1], KEYS[2], KEYS[3]
local id, operation, fingerprint, if_match, caller = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local meta = redis.call('HMGET', key, 'state', 'version', 'currency', 'owner', 'expires', 'life', 'lines', 'bytes',
  'seq', 'ops', 'restores', 'idle', 'into')
local state, version, currency, owner = meta[1], tonumber(meta[2]), meta[3], meta[4]
local expires, life = tonumber(meta[5]), tonumber(meta[6])
local lines, bytes, seq = tonumber(meta[7]), tonumber(meta[8]), tonumber(meta[9])
local operations, restores, idle = meta[10], meta[11] or '0', meta[12]
restored = restores

local function etag()
  if restores == '0' then return tostring(version) end
  return version .. '-' .. restores
end

local function answer(line, replayed, at)
  local whole = false
  if ARGV[7] == '1' then whole = redis.call('HGETALL', key) end
  return {'ok', at or version, restores, line or '', replayed and 1 or 0, whole}
end

if not state then return {'cart_not_found'} end
if owner and owner ~= caller and caller ~= '*' then return {'cart_not_found'} end
if operation ~= '' and operations then
  local _, at = string.find(operations, operation .. ' ', 1, true)
  if at then
    local seen, done_at, line = string.match(operations, '^(%S+) (%d+) (%S*)\n', at + 1)
    if seen ~= fingerprint then return {'idempotency_conflict'} end
    return answer(line, true, tonumber(done_at))
  end
end
if state == 'expired' then return {'cart_expired'} end
if state == 'merged' then return {'cart_merged'} end
if state == 'merging' then return {'cart_busy', meta[13]} end
if state == 'completed' then return {'cart_completed'} end
if now >= expires then return {'cart_expired'} end
if if_match ~= '' and not string.find(',' .. if_match .. ',', ',' .. etag() .. ',', 1, true) then
  return {'version_conflict', etag()}
end
version = version + 1

-- The one place where a cart changes: its meta fields, the operation's record, the deadline and the safety net.
-- `line` is what the operation returns; the rest are fields to set.
local function commit(line, ...)
  expires = now + life
  if operation ~= '' then
    operations = (operations or '') .. operation .. ' ' .. fingerprint .. ' ' .. version .. ' ' .. (line or '') .. '\n'
    while #operations > OPERATIONS_BYTES_MAX do
      operations = string.sub(operations, string.find(operations, '\n', 1, true) + 1)
    end
    redis.call('HSET', key, 'ops', operations)
  end
  redis.call('HSET', key, 'state', 'open', 'version', version, 'updated', now, 'expires', expires,
    'lines', lines, 'bytes', bytes, 'seq', seq, ...)
  if idle then redis.call('HDEL', key, 'idle') end
  local deadline = expires
  if lines > 0 and now + ABANDONED_AFTER < expires then deadline = now + ABANDONED_AFTER end
  redis.call('ZADD', deadlines, deadline, id)
  redis.call('PEXPIREAT', key, expires + SAFETY_NET)
end

local function updated(change, line)
  local data = '{"cart_id":"' .. id .. '","version":' .. version .. ',"change":"' .. change .. '"'
  if line then data = data .. ',"line":"' .. line .. '"' end
  publish(outbox, 'CartUpdated', data .. '}')
end

-- Read one line of the arguments: line, quantity, own price ('' for none), snapshot, n, then n pairs of currency and price.
-- The own price counts when it is in the cart's currency (the caller gives '' when it is not).
local function argument(at)
  local spec = {line = ARGV[at], quantity = tonumber(ARGV[at + 1]), price = ARGV[at + 2], snapshot = ARGV[at + 3]}
  local pairs_end = at + 4 + 2 * tonumber(ARGV[at + 4])
  if spec.price == '' then
    spec.price = false
    for i = at + 5, pairs_end, 2 do
      if ARGV[i] == currency then spec.price = ARGV[i + 1] end
    end
  end
  return spec, pairs_end + 1
end

local function parse(value)
  local quantity, rest = string.match(value, '^(%d+)( .*)$')
  return tonumber(quantity), rest
end
