-- GCRA (ITU-T I.371; the "virtual scheduling" form): for each limit one number is stored, the time at which its bucket will be
-- full again, in microseconds. KEYS: one per limit. ARGV: now in us (0: the server's clock), cost, how many more to take ahead,
-- then per limit the microseconds that a request costs and its burst. All limits are counted, or none if one
-- refuses. At most 1/SHARE of the remaining requests is taken ahead, so that a limit is exact near its end.
-- Returns whether it is allowed, the number of the nearest limit, its remaining requests, us until it is full, us to wait, and how
-- many were taken ahead (these are still part of the remaining requests).
local SHARE = 8
local now, cost, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local held = redis.call('MGET', unpack(KEYS))
local allowed, nearest, least, full, wait = 1, 1, nil, 0, 0
local next_full = {}
for i = 1, #KEYS do
  local step, burst = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  local at = math.max(tonumber(held[i] or now), now)
  local after = at + cost * step
  local short = after - burst * step - now
  if short > 0 then
    allowed = 0
    if short > wait then nearest, least, wait, full = i, math.floor((burst * step - at + now) / step), short, at - now end
  else
    next_full[i] = after
    local left = math.floor((burst * step - after + now) / step)
    if allowed == 1 and (not least or left < least) then nearest, least, full = i, left, after - now end
  end
end
least = math.max(least, 0)
if allowed == 0 then return {0, nearest, least, math.ceil(full), math.ceil(wait), 0} end
ahead = math.min(ahead, math.floor(least / SHARE))
if cost + ahead > 0 then
  for i = 1, #KEYS do
    local until_full = next_full[i] + ahead * tonumber(ARGV[2 * i + 2])
    redis.call('SET', KEYS[i], string.format('%.0f', until_full), 'PX', math.ceil((until_full - now) / 1000) + 1)
  end
end
return {1, nearest, least - ahead, math.ceil(full + ahead * tonumber(ARGV[2 * nearest + 2])), 0, ahead}
