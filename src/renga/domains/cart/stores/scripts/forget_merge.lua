-- The source is gone for good. Its field in the target notes when, and stays for a while: another caller may have read the
-- source before it was gone and still be on its way here with the same load. ARGV 3: source id.
local field = 'g:' .. ARGV[3]
local held = redis.call('HGET', KEYS[1], field)
if held and not string.find(held, ' ', 1, true) then redis.call('HSET', KEYS[1], field, held .. ' ' .. now) end
return {'ok'}
