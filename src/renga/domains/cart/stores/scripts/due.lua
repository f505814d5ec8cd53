#!lua flags=no-writes
-- Ids whose deadline has come, oldest first. KEYS 1: deadlines. ARGV: now, limit.
local now = ARGV[1]
if now == '0' then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
