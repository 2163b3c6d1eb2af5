/**
 * Gives back what a script took a moment ago, for a request that another limit on another node refused.
 * Never gives more than was taken. ARGV per claim: kind, cost, two figures, milliseconds of the take.
 *
 * @module
 */
export const giveBackScript = `
local function text(number) return string.format('%.17g', number) end
for index = 1, #KEYS do
  local key, at = KEYS[index], 5 * index - 4
  local kind, cost = ARGV[at], tonumber(ARGV[at + 1])
  local first, second, taken = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  if kind == 'sliding-log' then
    local own = redis.call('ZRANGEBYSCORE', key, text(taken), text(taken), 'LIMIT', 0, cost)
    if #own > 0 then redis.call('ZREM', key, unpack(own)) end
  else
    local raw = redis.call('GET', key)
    if raw then
      local a, b, c = string.match(raw, '^(%S+) (%S+) ?(%S*)$')
      a, b, c = tonumber(a), tonumber(b), tonumber(c)
      local state
      if kind == 'token-bucket' then state = text(math.min(first, a + cost)) .. ' ' .. text(b)
      elseif kind == 'leaky-bucket' then state = text(a - cost * 1000 / first) .. ' ' .. text(b)
      elseif kind == 'sliding-counter' then
        local window = math.floor(taken / second)
        if a == window then b = math.max(0, b - cost) elseif a == window + 1 then c = math.max(0, c - cost) end
        state = text(a) .. ' ' .. text(b) .. ' ' .. text(c)
      elseif kind == 'monthly-quota' or a == math.floor(taken / second) then
        state = text(a) .. ' ' .. text(math.max(0, b - cost))
      end
      if state then redis.call('SET', key, state, 'KEEPTTL') end
    end
  end
end
return #KEYS
`;
