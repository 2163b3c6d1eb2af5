/**
 * The algorithms of `limit/` in Lua: one script decides about all claims of a request, on the clock of
 * Redis, and gives every key its time to live. The same arithmetic in the same order as in TypeScript,
 * so both give the same figures; `test/limits` replays what the script did through the functions.
 *
 * KEYS one per claim. ARGV: how many times the cost to try first (a lease), then per claim kind, cost
 * and two figures. Returns times taken (0: refused), seconds and microseconds of the clock, then per
 * claim allowed, remaining, retryAfterMs, resetAfterMs.
 *
 * A script is put together of the algorithms that a list of limits needs: Redis defines every function
 * anew on each call.
 *
 * @see {@link https://redis.io/docs/latest/develop/programmability/eval-intro/ Redis, scripting}
 * @module
 */
import type { RateLimit } from '../limit/limit.ts';

const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function slack(max) return 1e-9 + max * 1e-12 end
local function text(number) return string.format('%.17g', number) end
local function saved(key)
  local raw = redis.call('GET', key)
  if not raw then return end
  local a, b, c = string.match(raw, '^(%S+) (%S+) ?(%S*)$')
  return tonumber(a), tonumber(b), tonumber(c)
end
local function keeper(key, state, ttl)
  return function() redis.call('SET', key, state, 'PX', string.format('%.0f', math.max(ttl, 0) + 1000)) end
end
`;

const window = `
local function window(key, cost, max, index, span, last)
  local known, used = saved(key)
  local open = math.max(index, known or index)
  if known ~= open then used = 0 end
  local fin = last(open)
  local allowed = cost == 0 or used + cost <= max + slack(max)
  if allowed then used = used + cost end
  local retry, reset = 0, 0
  if not allowed then retry = fin - now end
  if used > 0 then reset = fin - now end
  local left = math.max(0, math.floor(max - used + slack(max)))
  return allowed, left, retry, reset, keeper(key, text(open) .. ' ' .. text(used), fin - now + span)
end
`;

const algorithms: Readonly<Record<RateLimit['kind'], string>> = {
  'token-bucket': `
algorithms['token-bucket'] = function(key, cost, capacity, rate)
  local refill = rate / 1000
  local tokens, seen = saved(key)
  local at = math.max(now, seen or now)
  local before = capacity
  if tokens then before = math.min(capacity, tokens + (at - seen) * refill) end
  local missing = 0
  if cost - before > slack(capacity) then missing = cost - before end
  local rest = before
  if missing == 0 then rest = math.max(0, before - cost) end
  local behind = at - now
  local retry, reset = 0, 0
  if missing > 0 then retry = behind + math.ceil(missing / refill) end
  if rest < capacity then reset = behind + math.ceil((capacity - rest) / refill) end
  return missing == 0, math.floor(rest + slack(capacity)), retry, reset, keeper(key, text(rest) .. ' ' .. text(at), reset)
end
`,
  'fixed-window': `
algorithms['fixed-window'] = function(key, cost, max, length)
  return window(key, cost, max, math.floor(now / length), 0, function(open) return (open + 1) * length end)
end
`,
  'monthly-quota': `
-- days and months of the proleptic Gregorian calendar, after Hinnant
local function month_of(ms)
  local days = math.floor(ms / 86400000) + 719468
  local era = math.floor(days / 146097)
  local doe = days - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  return (yoe + era * 400) * 12 + mp + 2
end
local function start_of(month)
  local shifted = month - 2
  local year = math.floor(shifted / 12)
  local mp = shifted - year * 12
  local era = math.floor(year / 400)
  local yoe = year - era * 400
  local doy = math.floor((153 * mp + 2) / 5)
  return (era * 146097 + yoe * 365 + math.floor(yoe / 4) - math.floor(yoe / 100) + doy - 719468) * 86400000
end
algorithms['monthly-quota'] = function(key, cost, max)
  return window(key, cost, max, month_of(now), 2 * 86400000, function(open) return start_of(open + 1) end)
end
`,
  'sliding-log': `
algorithms['sliding-log'] = function(key, cost, max, length)
  local latest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  local at = math.max(now, tonumber(latest or now))
  redis.call('ZREMRANGEBYSCORE', key, '-inf', text(at - length))
  local size = redis.call('ZCARD', key)
  local over = size + cost - max
  local allowed = cost == 0 or over <= 0
  local retry, reset = 0, 0
  if not allowed then retry = tonumber(redis.call('ZRANGE', key, over - 1, over - 1, 'WITHSCORES')[2]) + length - now end
  if allowed and cost > 0 then
    size = size + cost
    latest = at
  end
  if size > 0 then reset = tonumber(latest) + length - now end
  return allowed, math.max(0, max - size), retry, reset, function()
    local stamp = time[1] .. '.' .. time[2] .. '.' .. tostring(size) .. '.'
    for unit = 1, cost do redis.call('ZADD', key, text(at), stamp .. unit) end
    redis.call('PEXPIRE', key, string.format('%.0f', at - now + length + 1000))
  end
end
`,
  'sliding-counter': `
algorithms['sliding-counter'] = function(key, cost, max, length)
  local index = math.floor(now / length)
  local open, current, previous = saved(key)
  if not open then open, current, previous = index, 0, 0 end
  if open < index then
    previous = open == index - 1 and current or 0
    open, current = index, 0
  end
  local start = open * length
  local elapsed = math.max(0, now - start)
  local estimate = previous * (1 - elapsed / length) + current
  local allowed = cost == 0 or estimate + cost <= max + slack(max)
  local retry, reset = 0, 0
  if not allowed then
    local room = max - cost - current
    local after
    if room >= 0 then after = length * (1 - room / previous)
    else after = length + length * math.max(0, 1 - (max - cost) / current) end
    retry = math.max(1, math.ceil(start + after - now))
  end
  local taken = allowed and cost or 0
  current = current + taken
  if current > 0 then reset = start + 2 * length - now elseif previous > 0 then reset = start + length - now end
  local left = math.max(0, math.floor(max - estimate - taken + slack(max)))
  return allowed, left, retry, reset, keeper(key, text(open) .. ' ' .. text(current) .. ' ' .. text(previous), reset)
end
`,
  'leaky-bucket': `
algorithms['leaky-bucket'] = function(key, cost, rate)
  local due, seen = saved(key)
  local at = math.max(now, seen or now)
  due = due or at
  local forgiven = slack(at / 1000)
  local allowed = cost == 0 or due - at <= forgiven
  local after = due
  if cost > 0 and allowed then after = at + cost * 1000 / rate end
  local left, retry = 0, 0
  if after - at <= forgiven then left = 1 end
  if not allowed then retry = math.ceil(due - now) end
  local reset = math.max(0, math.ceil(after - now))
  return allowed, left, retry, reset, keeper(key, text(after) .. ' ' .. text(at), reset)
end
`,
};

const conclusion = `
local function ask(index, times)
  local at = 4 * index - 2
  local allowed, left, retry, reset, keep =
    algorithms[ARGV[at]](KEYS[index], tonumber(ARGV[at + 1]) * times, tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]))
  return { allowed, left, retry, reset, keep }
end

local function ask_all(times)
  local answers, all = {}, true
  for index = 1, #KEYS do
    answers[index] = ask(index, times)
    all = all and answers[index][1]
  end
  return answers, all
end

local times = tonumber(ARGV[1])
local answers, all = ask_all(times)
if not all and times > 1 then
  times = 1
  answers, all = ask_all(times)
end
local reply = { all and times or 0, time[1], time[2] }
for index = 1, #KEYS do
  local answer = answers[index]
  local allowed = answer[1]
  if all and tonumber(ARGV[4 * index - 1]) > 0 then answer[5]() end
  if not all and allowed then answer = ask(index, 0) end
  reply[#reply + 1] = allowed and 1 or 0
  for field = 2, 4 do reply[#reply + 1] = text(answer[field]) end
end
return reply
`;

const scripts = new Map<string, string>();

/** The script for limits of these kinds. */
export function takeScriptFor(kinds: readonly RateLimit['kind'][]): string {
  const needed = [...new Set(kinds)].sort();
  const name = needed.join();
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const countsWindows = needed.some((kind) => kind === 'fixed-window' || kind === 'monthly-quota');
  const parts = [
    prelude,
    countsWindows ? window : '',
    'local algorithms = {}\n',
    ...needed.map((kind) => algorithms[kind]),
  ];
  const script = [...parts, conclusion].join('');
  scripts.set(name, script);
  return script;
}
