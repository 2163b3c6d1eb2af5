/**
 * What a server still has to do, counted where it is certain: an answer is open until its last byte
 * was handed to the system, whoever made it; a connection until it is closed.
 *
 * @module
 */
import type { Server } from 'node:http';

export interface OpenWork {
  answers(): number;
  connections(): number;
}

/** Starts counting. Call it before the server listens. */
export function countOpenWork(server: Server): OpenWork {
  let answers = 0;
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  server.prependListener('request', (_request, response) => {
    answers += 1;
    response.once('close', () => {
      answers -= 1;
    });
  });
  return { answers: () => answers, connections: () => connections };
}
