-- KEYS: the session. ARGV: now, hash of the secret ('' to read by its public id), idle ms, absolute ms, touch ms.
-- Returns body, seen, created, whether it was touched; nothing if the session is unknown, ended, or has another secret.
local held = redis.call('HMGET', KEYS[1], 'hash', 'body', 'seen', 'created')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) then return false end
local seen, created = tonumber(held[3]), tonumber(held[4])
local idle, absolute = tonumber(ARGV[3]), tonumber(ARGV[4])
if now >= seen + idle or now >= created + absolute then
  redis.call('DEL', KEYS[1])
  return false
end
local touched = 0
if ARGV[2] ~= '' and now - seen >= tonumber(ARGV[5]) then
  touched, seen = 1, now
  redis.call('HSET', KEYS[1], 'seen', seen)
  redis.call('PEXPIRE', KEYS[1], math.min(idle, created + absolute - now))
end
return {held[2], seen, created, touched}
