/**
 * nginx with Lua, on which Kong and APISIX stand: subrequests side by side, cjson, no feature. One process,
 * started and watched by this one, which serves nothing itself; it is on the same core and idle.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { answerParent } from '../../lab/child.ts';
import { type GatewayFacts, readAssignment } from '../gateway.ts';
import { configuration } from './configuration.ts';
import { findNginx } from './find.ts';

const programs = findNginx();
if (programs === undefined) throw new Error('nginx, libnginx-mod-http-lua or lua-cjson is not installed');
const port = await freePort();
const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
const file = join(folder, 'nginx.conf');
writeFileSync(file, configuration({ programs, services: readAssignment().services, port, folder }));

const nginx = spawn(programs.nginx, ['-p', folder, '-c', file, '-e', 'stderr'], {
  env: programs.env,
  stdio: ['ignore', 'ignore', 'inherit'],
});
nginx.once('exit', () => process.exit(1));
process.once('exit', () => {
  nginx.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

while (!(await listens())) await setTimeout(20);
const facts: GatewayFacts = { port };
answerParent(facts, nginxMicros);

/** Nanoseconds on a core are the first number of `schedstat`; `stat` counts in hundredths of a second. */
function nginxMicros(): number {
  return Number(readFileSync(`/proc/${nginx.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

function listens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

/** nginx cannot choose a port itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
