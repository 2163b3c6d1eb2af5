import { describe, expect, onTestFinished, test } from 'vitest';
import { EventBus } from './event-bus.ts';
import type { LimitFact } from './events.ts';

const fact: LimitFact = { limit: 'default', allowed: true };

test('everybody who subscribed to a kind hears it, in order, before emit returns', () => {
  const bus = new EventBus();
  const heard: unknown[] = [];
  bus.on('limit', (limit) => heard.push(['first', limit]));
  bus.on('limit', (limit) => heard.push(['second', limit]));
  bus.on('breaker', (breaker) => heard.push(breaker));
  bus.emit('limit', fact);
  expect(heard).toEqual([
    ['first', fact],
    ['second', fact],
  ]);
});

test('who unsubscribed hears nothing more, and nobody else is removed with it', () => {
  const bus = new EventBus();
  const heard: string[] = [];
  const hear = (): void => void heard.push('same');
  const stop = bus.on('limit', hear);
  bus.on('limit', hear);
  stop();
  stop();
  bus.emit('limit', fact);
  expect(heard).toEqual(['same']);
});

test('who unsubscribes while it hears does not keep others from hearing', () => {
  const bus = new EventBus();
  const heard: string[] = [];
  const stop = bus.on('limit', () => {
    heard.push('once');
    stop();
  });
  bus.on('limit', () => heard.push('always'));
  bus.emit('limit', fact);
  bus.emit('limit', fact);
  expect(heard).toEqual(['once', 'always', 'always']);
});

describe('a subscriber that throws', () => {
  test('harms nobody: the others hear the fact, emit returns, and the error is reported', () => {
    const errors: unknown[] = [];
    const bus = new EventBus((error) => errors.push(error));
    const heard: unknown[] = [];
    const broken = new Error('broken');
    bus.on('limit', () => {
      throw broken;
    });
    bus.on('limit', (limit) => heard.push(limit));
    expect(() => bus.emit('limit', fact)).not.toThrow();
    expect([heard, errors]).toEqual([[fact], [broken]]);
  });

  test.each([
    [new Error('broken'), 'broken'],
    ['only text', 'only text'],
  ])('is a warning of the process by default: %o', async (thrown, message) => {
    const warned = new Promise<Error>((resolve) => {
      const usual = process.listeners('warning');
      process.removeAllListeners('warning'); // keeps the console silent
      process.once('warning', resolve);
      onTestFinished(() => {
        process.removeAllListeners('warning');
        for (const listener of usual) process.on('warning', listener);
      });
    });
    const bus = new EventBus();
    bus.on('limit', () => {
      throw thrown;
    });
    bus.emit('limit', fact);
    expect((await warned).message).toBe(message);
  });
});
