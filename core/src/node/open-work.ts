/**
 * What a server still has to do, counted where it is certain: an answer is open until its last byte
 * was handed to the system, whoever made it; a connection until it is closed. An answer over HTTP/2
 * is one stream of a session.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Server as NetServer, Socket } from 'node:net';
import { Roster } from '../context/roster.ts';

export interface OpenWork {
  answers(): number;
  connections(): number;
  /** Sessions of HTTP/2 that have something to send or receive. */
  sessions(): number;
  /** The open answers over HTTP/1.1 on this connection. */
  answersOn(socket: unknown): readonly ServerResponse[];
  /**
   * From now on every answer says `Connection: close`, those under way included; every HTTP/2 session
   * says GOAWAY: its streams finish, what the client sends later it knows to be unprocessed.
   */
  sayGoodbye(): void;
  /** Cuts every connection. */
  cut(): void;
}

type AnyResponse = ServerResponse | Http2ServerResponse;

/** Starts counting. Call it before the server listens. */
export function countOpenWork(server: NetServer): OpenWork {
  const answers = new Roster<AnyResponse>();
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let isLeaving = false;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.once('stream', (stream) => {
      stream.once('close', () => {
        if (isLeaving) session.close(); // it came while leaving: one answer, as on HTTP/1.1
      });
    });
  });
  server.prependListener('request', (_request: unknown, response: AnyResponse) => {
    if (isLeaving && isHttp1(response)) response.shouldKeepAlive = false;
    const seat = answers.add(response);
    response.once('close', () => answers.remove(seat));
  });
  return {
    answers: () => answers.size,
    connections: () => sockets.size,
    sessions: () => sessions.size,
    answersOn: (socket) =>
      answers
        .members()
        .filter(isHttp1)
        .filter((response) => response.req.socket === socket),
    sayGoodbye() {
      isLeaving = true;
      for (const response of answers.members()) if (isHttp1(response)) response.shouldKeepAlive = false;
      for (const session of sessions) session.close();
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function isHttp1(response: AnyResponse): response is ServerResponse {
  return 'shouldKeepAlive' in response;
}
