-- ARGV 9: line, 10: quantity, 11: the most that stock allows ('' for any); less than before is always allowed.
local line, quantity = ARGV[9], tonumber(ARGV[10])
local held = redis.call('HGET', key, 'l:' .. line)
if not held then return {'line_not_found'} end
local before, rest = parse(held)
if quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
if ARGV[11] ~= '' and quantity > before and quantity > tonumber(ARGV[11]) then return {'out_of_stock', ARGV[11], line} end
move(line, rest, before, quantity)
commit(line, 'l:' .. line, quantity .. rest)
updated('quantity', line)
return answer(line)
