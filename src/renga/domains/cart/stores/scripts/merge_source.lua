-- The source's part of a merge. KEYS: the source, its shard's outbox and deadlines. ARGV: now, source id, target id, caller,
-- step (begin: freeze and return the fields; done: leave a tombstone; abort: unfreeze unless another caller joined; thaw:
-- unfreeze what was given up at the target), token of the freeze (begin: of a new one; thaw: of the one that was given up).
-- `since` is when it was frozen; `joined` means that another caller runs the same merge: then a refusal of one must not
-- unfreeze the source while the other may still succeed. The next reader, writer or sweeper decides.
local key, deadlines = KEYS[1], KEYS[3]
local id, target, caller, step, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local meta = redis.call('HMGET', key, 'state', 'expires', 'owner', 'into', 'version', 'updated', 'lines', 'since', 'joined', 'was',
  'restores', 'token')
local state, expires, owner, into = meta[1], tonumber(meta[2]), meta[3], meta[4]
if not state then return {'cart_not_found'} end
if owner and owner ~= caller and caller ~= '*' then return {'cart_not_found'} end
if state == 'merged' then
  if into == target then return {'done'} end
  return {'cart_merged'}
end
if state == 'expired' then return {'cart_expired'} end
if state == 'completed' then return {'cart_completed'} end
if state == 'merging' and into ~= target then return {'cart_busy', into} end
if step == 'begin' then
  if state ~= 'merging' then
    if now >= expires then return {'cart_expired'} end
    redis.call('HSET', key, 'state', 'merging', 'into', target, 'since', now, 'was', state, 'token', token)
    redis.call('ZADD', deadlines, now + MERGE_RETRY, id)
  elseif now - tonumber(meta[8]) < MERGE_RETRY then
    redis.call('HSET', key, 'joined', 1)
  else
    redis.call('HSET', key, 'since', now)
    redis.call('HDEL', key, 'joined')
  end
  return {'ok', redis.call('HGETALL', key)}
end
if state ~= 'merging' then return {'ok'} end
if step == 'done' then
  local version = tonumber(meta[5]) + 1
  redis.call('HSET', key, 'state', 'merged', 'version', version)
  local kept = {state = true, into = true, version = true, owner = true, expires = true, restores = true}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    -- a merge into this cart whose source waits for its tombstone still: its lines went on with this cart's
    local waits = string.sub(field, 1, 2) == 'g:' and not string.find(redis.call('HGET', key, field), ' ', 1, true)
    -- an order that was subtracted here is not subtracted again from what went on
    local order = string.sub(field, 1, 2) == 'o:'
    if not kept[field] and not waits and not order then redis.call('HDEL', key, field) end
  end
  redis.call('PEXPIREAT', key, now + TOMBSTONE)
  redis.call('ZREM', deadlines, id)
  restored = meta[11] or '0'
  publish(KEYS[2], 'CartUpdated', '{"cart_id":"' .. id .. '","version":' .. version .. ',"change":"merged_away"}')
elseif (step == 'abort' and not meta[9]) or (step == 'thaw' and (meta[12] or '') == token) then
  redis.call('HSET', key, 'state', meta[10] or 'open')
  redis.call('HDEL', key, 'into', 'since', 'was', 'joined', 'token')
  local deadline = expires
  if tonumber(meta[7]) > 0 then deadline = math.min(expires, tonumber(meta[6]) + ABANDONED_AFTER) end
  redis.call('ZADD', deadlines, deadline, id)
end
return {'ok'}
