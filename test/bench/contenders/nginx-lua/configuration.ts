/**
 * The configuration of nginx, and the three jobs in Lua. Every tuning that its users know is in it: one
 * worker, kept-alive connections to the services, no access log, modules loaded before the first request.
 *
 * @module
 */
import { type ServiceName, serviceNames } from '../../work/payloads.ts';
import type { NginxPrograms } from './find.ts';

/** Writes `nginx.conf`. */
export function configuration(options: {
  readonly programs: NginxPrograms;
  readonly services: Readonly<Record<ServiceName, string>>;
  readonly port: number;
  readonly folder: string;
}): string {
  const { programs, services, port, folder } = options;
  const upstreams = serviceNames.map(
    (name) =>
      `upstream ${name} { server ${new URL(services[name]).host}; keepalive 128; keepalive_requests 100000000; }`,
  );
  const proxies = serviceNames.map(
    (name) => `location = /up/${name} { internal; proxy_pass http://${name}/${name}; }`,
  );
  return `
${programs.modules.map((module) => `load_module ${module};`).join('\n')}
daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; default_type application/json;
  keepalive_requests 100000000; keepalive_timeout 600s;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffer_size 16k; proxy_buffers 16 16k;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  lua_package_path '${programs.luaPath};;'; lua_package_cpath '${programs.luaCpath};;';
  init_by_lua_block { cjson = require 'cjson'; ${helpers} }
  ${upstreams.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${proxies.join('\n    ')}
    location = /s1 { proxy_pass http://product/product; }
    location = /s2 { content_by_lua_block { ${home} } }
    location = /s3 { content_by_lua_block { ${feed} } }
  }
}
`;
}

const helpers = `
  function read(names)
    local requests = {}
    for index, name in ipairs(names) do requests[index] = { '/up/' .. name } end
    local answers = { ngx.location.capture_multi(requests) }
    local parts = {}
    for index, name in ipairs(names) do
      if answers[index].status ~= 200 then ngx.exit(502) end
      parts[name] = cjson.decode(answers[index].body)
    end
    return parts
  end

  function each(list, keep)
    local kept = {}
    for index, item in ipairs(list) do kept[index] = keep(item) end
    return kept
  end

  function money(of) return { amount = of.amount, currency = of.currency } end

  function send(answer)
    local json = cjson.encode(answer)
    ngx.header['content-length'] = #json
    ngx.print(json)
  end
`;

const home = `
  local of = read({ 'profile', 'orders', 'products' })
  send({
    profile = { id = of.profile.id, name = of.profile.name, tier = of.profile.tier },
    orders = { items = each(of.orders.items, function(item)
      return { id = item.id, status = item.status, total = money(item.total) }
    end) },
    products = { items = each(of.products.items, function(item)
      return { id = item.id, title = item.title }
    end) },
  })
`;

const feed = `
  local of = read({ 'account', 'purchases', 'recommendations', 'reviews', 'notifications', 'prices' })
  send({
    account = {
      id = of.account.id, name = of.account.name, tier = of.account.tier,
      loyalty = { points = of.account.loyalty.points, level = of.account.loyalty.level },
      addresses = each(of.account.addresses, function(item) return { line1 = item.line1, city = item.city } end),
    },
    purchases = { items = each(of.purchases.items, function(item)
      return {
        id = item.id, status = item.status, placedAt = item.placedAt, total = money(item.total),
        lines = each(item.lines, function(line) return { title = line.title, quantity = line.quantity } end),
      }
    end) },
    recommendations = { items = each(of.recommendations.items, function(item)
      return { productId = item.productId, title = item.title, price = money(item.price) }
    end) },
    reviews = { items = each(of.reviews.items, function(item)
      return { id = item.id, author = item.author, rating = item.rating, text = item.text }
    end) },
    notifications = { items = each(of.notifications.items, function(item)
      return { id = item.id, title = item.title, text = item.text, createdAt = item.createdAt }
    end) },
    prices = { items = each(of.prices.items, function(item)
      return { productId = item.productId, now = money(item.now), discountPercent = item.discountPercent }
    end) },
  })
`;
