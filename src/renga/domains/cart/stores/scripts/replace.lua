local held, fields, keep = {}, {}, {}
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do
  if string.sub(flat[i], 1, 2) == 'l:' then
    held[string.sub(flat[i], 3)] = flat[i + 1]
    local _, rest = parse(flat[i + 1])
    bytes = bytes - #rest
  end
end
local at = 10
lines = 0
for _ = 1, tonumber(ARGV[9]) do
  local spec
  spec, at = argument(at)
  if spec.quantity > QUANTITY_MAX then return {'quantity_out_of_range', QUANTITY_MAX} end
  if over_stock(spec, spec.quantity) then return {'out_of_stock', spec.most, spec.line} end
  local tail
  if held[spec.line] then
    local before, rest = parse(held[spec.line])
    move(spec.line, rest, before, spec.quantity)
    tail = string.match(rest, '^ %d+( .*)$')
  elseif spec.rows then
    tail = ' ' .. spec.rows .. ' ' .. spec.snapshot
  else
    return {'currency_unavailable', currency}
  end
  seq = seq + 1
  local rest = ' ' .. seq .. tail
  lines = lines + 1
  bytes = bytes + #rest
  keep[spec.line] = true
  fields[#fields + 1] = 'l:' .. spec.line
  fields[#fields + 1] = spec.quantity .. rest
end
if lines > LINES_MAX then return {'line_limit', LINES_MAX} end
if bytes > BYTES_MAX then return {'cart_too_large', BYTES_MAX} end
commit('', unpack(fields))
for line in pairs(held) do
  if not keep[line] then redis.call('HDEL', key, 'l:' .. line) end
end
updated(lines == 0 and 'cleared' or 'replaced')
return answer('')
