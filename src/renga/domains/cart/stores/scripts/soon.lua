#!lua flags=no-writes
-- Which deadline indexes have a cart that is due. KEYS: the indexes. ARGV: now.
-- Returns the ms until the next deadline that is not due (-1: there is none), then the places of the indexes in KEYS, from 0.
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local reply, wait = {-1}, -1
for i, key in ipairs(KEYS) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[2] then
    local ms = tonumber(first[2]) - now
    if ms <= 0 then
      reply[#reply + 1] = i - 1
    elseif wait < 0 or ms < wait then
      wait = ms
    end
  end
end
reply[1] = math.ceil(wait)
return reply
