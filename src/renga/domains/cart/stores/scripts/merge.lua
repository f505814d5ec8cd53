-- The target's part of a merge. ARGV 9: source id, 10: the source's coupon codes separated by blanks, 11: the freeze's
-- token, 12: how many lines, then the lines, how many saved lines, the saved lines. A field named after the source records that it
-- was done; one named after source and token (refuse_merge.lua) that it was given up and comes too late.
if redis.call('HEXISTS', key, 'v:' .. ARGV[9] .. ':' .. ARGV[11]) == 1 then return {'cart_busy'} end
local fields, settled, at = {'g:' .. ARGV[9], version}, {}, 12
local names = redis.call('HKEYS', key)
for _, name in ipairs(names) do
  local kind, when = string.sub(name, 1, 2), nil
  if kind == 'g:' then when = string.match(redis.call('HGET', key, name), ' (%d+)$') end
  if kind == 'v:' then when = redis.call('HGET', key, name) end
  if when and tonumber(when) < now - 10 * MERGE_RETRY then settled[#settled + 1] = name end
end
local function take(prefix)
  local new, count = 0, tonumber(ARGV[at])
  at = at + 1
  for _ = 1, count do
    local spec
    spec, at = argument(at)
    local held = redis.call('HGET', key, prefix .. spec.line)
    local quantity, rest = spec.quantity, nil
    if held then
      local had
      had, rest = parse(held)
      quantity = math.min(quantity + had, QUANTITY_MAX)
      if prefix == 'l:' then move(spec.line, rest, had, quantity) end
    else
      if not spec.rows then return false end
      seq = seq + 1
      rest = ' ' .. seq .. ' ' .. spec.rows .. ' ' .. spec.snapshot
      new = new + 1
      bytes = bytes + #rest
    end
    fields[#fields + 1] = prefix .. spec.line
    fields[#fields + 1] = quantity .. rest
  end
  return new
end
local new_lines = take('l:')
if not new_lines then return {'currency_unavailable', currency} end
local new_saved = take('s:')
if not new_saved then return {'currency_unavailable', currency} end
lines = lines + new_lines
local saved = tonumber(redis.call('HGET', key, 'saved') or 0) + new_saved
if lines > LINES_MAX or saved > LINES_MAX then return {'line_limit', LINES_MAX} end
if bytes > BYTES_MAX then return {'cart_too_large', BYTES_MAX} end
local codes, count = {}, 0
for word in string.gmatch((redis.call('HGET', key, 'coupons') or '') .. ' ' .. ARGV[10], '%S+') do
  if not codes[word] and count < COUPONS_MAX then
    count = count + 1
    codes[word] = true
    codes[count] = word
  end
end
if count > 0 then
  fields[#fields + 1] = 'coupons'
  fields[#fields + 1] = table.concat(codes, ' ', 1, count)
end
if new_saved > 0 then
  fields[#fields + 1] = 'saved'
  fields[#fields + 1] = saved
end
commit('', unpack(fields))
if #settled > 0 then redis.call('HDEL', key, unpack(settled)) end
publish(outbox, 'CartMerged', '{"cart_id":"' .. id .. '","version":' .. version .. ',"source_id":"' .. ARGV[9] .. '"}')
return answer('')
