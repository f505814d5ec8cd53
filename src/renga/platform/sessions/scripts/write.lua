-- KEYS: the session. ARGV: now, hash of its present secret ('' for a new session), hash of the next one, body, account,
-- idle ms, absolute ms. Returns nothing if there is no session with that secret. A login resets its age.
local held = redis.call('HMGET', KEYS[1], 'hash', 'seen', 'created', 'account')
local idle, absolute = tonumber(ARGV[6]), tonumber(ARGV[7])
local created = now
if ARGV[2] ~= '' then
  if held[1] ~= ARGV[2] or now >= held[2] + idle or now >= held[3] + absolute then return false end
  if held[4] == ARGV[5] then created = tonumber(held[3]) end
elseif held[1] then
  return false
end
redis.call('HSET', KEYS[1], 'hash', ARGV[3], 'body', ARGV[4], 'account', ARGV[5], 'seen', now, 'created', created)
redis.call('PEXPIRE', KEYS[1], math.min(idle, created + absolute - now))
return {now, created, held[4] or ''}
