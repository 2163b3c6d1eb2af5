/**
 * Finds nginx with its Lua module and cjson: Debian's `nginx`, `libnginx-mod-http-lua` and `lua-cjson`, where
 * they are installed, or below `BENCH_NGINX_ROOT`, into which their packages were unpacked.
 *
 * @module
 */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

export interface NginxPrograms {
  readonly nginx: string;
  /** Files of the modules, in the order in which they must be loaded. */
  readonly modules: readonly string[];
  /** Patterns for `lua_package_path` and `lua_package_cpath`. */
  readonly luaPath: string;
  readonly luaCpath: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where everything is, or undefined when a part is missing. */
export function findNginx(): NginxPrograms | undefined {
  const root = process.env.BENCH_NGINX_ROOT ?? '/';
  const nginx = join(root, 'usr/sbin/nginx');
  const modules = ['ndk_http_module.so', 'ngx_http_lua_module.so'].map((file) =>
    join(root, 'usr/lib/nginx/modules', file),
  );
  const [cjson] = globSync(join(root, 'usr/lib/*/lua/5.1/cjson.so'));
  if (cjson === undefined || ![nginx, ...modules].every((file) => existsSync(file))) return undefined;
  const libraries = globSync([join(root, 'usr/lib/*-linux-gnu'), join(root, 'lib/*-linux-gnu')]);
  return {
    nginx,
    modules,
    luaPath: join(root, 'usr/share/lua/5.1/?.lua'),
    luaCpath: cjson.replace(/cjson\.so$/, '?.so'),
    env: root === '/' ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
  };
}
