-- KEYS: the session. ARGV: now, hash of its secret ('' for any), account that it must be of ('' for any).
-- Answers the account of the session that ended ('' for none); nothing if none did.
local held = redis.call('HMGET', KEYS[1], 'hash', 'account')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) or (ARGV[3] ~= '' and held[2] ~= ARGV[3]) then return false end
redis.call('DEL', KEYS[1])
return held[2]
