local spec = argument(9)
local field = 'l:' .. spec.line
local held = redis.call('HGET', key, field)
local quantity, rest, price = spec.quantity, nil, nil
if held then
  local before
  before, rest = parse(held)
  quantity = before + spec.quantity
  price = move(spec.line, rest, before, quantity)
end
if quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
if over_stock(spec, quantity) then return {'out_of_stock', spec.most, spec.line} end
if not held then
  if not spec.rows then return {'currency_unavailable', currency} end
  if lines >= LINES_MAX then return {'line_limit', LINES_MAX} end
  price = price_of(spec.rows, quantity)
  seq = seq + 1
  rest = ' ' .. seq .. ' ' .. spec.rows .. ' ' .. spec.snapshot
  lines = lines + 1
  bytes = bytes + #rest
  if bytes > BYTES_MAX then return {'cart_too_large', BYTES_MAX} end
end
commit(spec.line, field, quantity .. rest)
publish(outbox, 'ItemAddedToCart', '{"cart_id":"' .. id .. '","version":' .. version .. ',"line":"' .. spec.line
  .. '","sku":' .. string.match(spec.snapshot, '^{"s":("[^"]*")') .. ',"quantity":' .. spec.quantity
  .. ',"line_quantity":' .. quantity .. ',"unit_price":' .. price .. ',"currency":"' .. currency .. '"}')
return answer(spec.line)
