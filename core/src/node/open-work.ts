/**
 * What a server still has to do, counted where it is certain: an answer is open until its last byte
 * was handed to the system, whoever made it; a connection until it is closed.
 *
 * @module
 */
import type { Server, ServerResponse } from 'node:http';

export interface OpenWork {
  answers(): number;
  connections(): number;
  /** From now on every answer says `Connection: close`, those under way included. */
  sayGoodbye(): void;
}

/** Starts counting. Call it before the server listens. */
export function countOpenWork(server: Server): OpenWork {
  const answers = new Set<ServerResponse>();
  let connections = 0;
  let isLeaving = false;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  server.prependListener('request', (_request, response) => {
    if (isLeaving) response.shouldKeepAlive = false;
    answers.add(response);
    response.once('close', () => answers.delete(response));
  });
  return {
    answers: () => answers.size,
    connections: () => connections,
    sayGoodbye() {
      isLeaving = true;
      for (const response of answers) response.shouldKeepAlive = false;
    },
  };
}
