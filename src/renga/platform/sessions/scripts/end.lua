-- KEYS: the session. ARGV: now, hash of its secret ('' for any), its required account ('' for any).
-- Returns the account of the ended session ('' for none); nothing if no session ended.
local held = redis.call('HMGET', KEYS[1], 'hash', 'account')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) or (ARGV[3] ~= '' and held[2] ~= ARGV[3]) then return false end
redis.call('DEL', KEYS[1])
return held[2]
