#!lua flags=no-writes
-- ARGV 1: now in ms (0: the server's clock). Returns the clock and the cart's fields, so that expiry uses one clock.
local now = ARGV[1]
if now == '0' then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
return {tonumber(now), redis.call('HGETALL', KEYS[1])}
