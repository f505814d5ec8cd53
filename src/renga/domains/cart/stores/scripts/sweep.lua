-- Check carts whose deadline has passed, and record CartExpired or CartAbandoned. One atomic step, so each is recorded once.
-- KEYS: -, outbox, deadlines, then the carts. ARGV: now, then the carts' ids. Returns pairs of id and what was done.
local outbox, deadlines = KEYS[2], KEYS[3]
local report = {}
for i = 4, #KEYS do
  local key, id = KEYS[i], ARGV[i - 2]
  local meta = redis.call('HMGET', key, 'state', 'version', 'expires', 'updated', 'lines', 'idle', 'owner', 'into', 'restores')
  local state, version, lines = meta[1], meta[2], tonumber(meta[5] or 0)
  local expires, idle_at = tonumber(meta[3] or 0), tonumber(meta[4] or 0) + ABANDONED_AFTER
  local done = ''
  if state ~= 'open' and state ~= 'checkout' and state ~= 'merging' then
    redis.call('ZREM', deadlines, id)
  elseif state == 'merging' then
    redis.call('ZADD', deadlines, now + MERGE_RETRY, id)
    done = 'merging ' .. meta[8]
  elseif now >= expires then
    publish(outbox, 'CartExpired', '{"cart_id":"' .. id .. '","version":' .. (version + 1) .. ',"lines":' .. lines .. '}')
    redis.call('DEL', key)
    redis.call('HSET', key, 'state', 'expired', 'version', version + 1, 'expires', expires)
    if meta[7] then redis.call('HSET', key, 'owner', meta[7]) end
    if meta[9] then redis.call('HSET', key, 'restores', meta[9]) end
    redis.call('PEXPIREAT', key, expires + TOMBSTONE)
    redis.call('ZREM', deadlines, id)
    done = 'expired'
  elseif lines > 0 and not meta[6] and now >= idle_at then
    publish(outbox, 'CartAbandoned', '{"cart_id":"' .. id .. '","version":' .. version .. ',"lines":' .. lines .. '}')
    redis.call('HSET', key, 'idle', 1)
    redis.call('ZADD', deadlines, expires, id)
    done = 'abandoned'
  else
    local deadline = expires
    if lines > 0 and not meta[6] then deadline = math.min(expires, idle_at) end
    redis.call('ZADD', deadlines, deadline, id)
  end
  report[#report + 1] = id
  report[#report + 1] = done
end
return report
