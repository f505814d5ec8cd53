local line, quantity = ARGV[8], tonumber(ARGV[9])
local held = redis.call('HGET', key, 'l:' .. line)
if not held then return {'line_not_found'} end
if quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
local _, rest = parse(held)
commit(line, 'l:' .. line, quantity .. rest)
updated('quantity', line)
return answer(line)
