-- Before the guard of a merge: a finished merge is a replay, whatever the target's state is now. Refusing it would unfreeze
-- the source, whose load is already here. KEYS and ARGV as merge.lua's.
local merged_at = redis.call('HGET', KEYS[1], 'g:' .. ARGV[9])
if merged_at then
  local holder = redis.call('HMGET', KEYS[1], 'owner', 'restores')
  if not holder[1] or holder[1] == ARGV[6] or ARGV[6] == '*' then
    local whole = false
    if ARGV[7] == '1' then whole = redis.call('HGETALL', KEYS[1]) end
    return {'ok', tonumber(string.match(merged_at, '^%d+')), holder[2] or '0', '', 1, whole}
  end
end

