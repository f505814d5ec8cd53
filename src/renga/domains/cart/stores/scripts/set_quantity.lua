local line, quantity = ARGV[9], tonumber(ARGV[10])
local held = redis.call('HGET', key, 'l:' .. line)
if not held then return {'line_not_found'} end
if quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
local before, rest = parse(held)
move(line, rest, before, quantity)
commit(line, 'l:' .. line, quantity .. rest)
updated('quantity', line)
return answer(line)
