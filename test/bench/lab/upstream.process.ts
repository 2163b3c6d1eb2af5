/**
 * The services behind every gateway, in one process: plain `node:http` with answers made before the
 * first request, one port per service as in real life. It is also the issuer: it signs one token for
 * each connection of the load generator and publishes its keys.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { buildBranch, buildSized, type CurveServices, sizes, widths } from '../work/curves.ts';
import { buildPayloads, type ServiceName, serviceNames } from '../work/payloads.ts';
import { answerParent, cpuMicros } from './child.ts';

/** Where everything is. */
export interface UpstreamFacts {
  /** The URL of each service's answer. */
  readonly services: Readonly<Record<ServiceName, string>>;
  readonly issuer: string;
  readonly curves: CurveServices;
  readonly tokens: readonly string[];
}

/** The audience of the tokens. */
const audience = 'bench';
const callers = 64;

async function startIssuer(): Promise<Pick<UpstreamFacts, 'issuer' | 'tokens'>> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256' }] });
  const issuer = await listen(answerServer(Buffer.from(keys)));
  const tokens = Array.from({ length: callers }, (_, index) =>
    new SignJWT({ client_id: 'bench-app', scope: 'home:read feed:read', jti: `token-${index}` })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'bench' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(`usr_${String(index).padStart(4, '0')}`)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey),
  );
  return { issuer, tokens: await Promise.all(tokens) };
}

async function startServices(): Promise<Record<ServiceName, string>> {
  const payloads = buildPayloads();
  const urls = serviceNames.map(async (name) => {
    const origin = await listen(answerServer(Buffer.from(JSON.stringify(payloads[name]))));
    return [name, `${origin}/${name}`] as const;
  });
  return Object.fromEntries(await Promise.all(urls)) as Record<ServiceName, string>;
}

/** One port per branch and per size, as if each were a service. */
async function startCurves(): Promise<CurveServices> {
  const branch = Buffer.from(JSON.stringify(buildBranch()));
  const branches = Array.from({ length: Math.max(...widths) }, () => listen(answerServer(branch)));
  const sized = sizes.map((kilobytes) =>
    listen(answerServer(Buffer.from(JSON.stringify(buildSized(kilobytes))))),
  );
  return { branches: await Promise.all(branches), sized: await Promise.all(sized) };
}

/** Answers every request with the same bytes. */
function answerServer(body: Buffer): Server {
  const headers = { 'content-type': 'application/json', 'content-length': String(body.byteLength) };
  const server = createServer((_request, response) => response.writeHead(200, headers).end(body));
  server.keepAliveTimeout = 60_000; // gateways must not lose connections between two rounds
  return server;
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

const [services, curves, issued] = await Promise.all([startServices(), startCurves(), startIssuer()]);
const facts: UpstreamFacts = { services, curves, ...issued };
answerParent(facts, cpuMicros);
