-- The source no longer exists. Its field in the target records when, and is kept for a while: another caller may have read
-- the source before that and still send the same load. ARGV 3: source id.
local field = 'g:' .. ARGV[3]
local held = redis.call('HGET', KEYS[1], field)
if held and not string.find(held, ' ', 1, true) then redis.call('HSET', KEYS[1], field, held .. ' ' .. now) end
return {'ok'}
