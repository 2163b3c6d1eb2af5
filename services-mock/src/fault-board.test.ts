import { describe, expect, it } from 'vitest';
import { createFaultBoard, type FaultBoard, type Misfortune } from './fault-board.ts';

const boardWith = (...specs: string[]): FaultBoard => {
  const board = createFaultBoard(1);
  board.set('orders', specs);
  return board;
};
const drawMany = (board: FaultBoard, times: number): readonly Misfortune[] =>
  Array.from({ length: times }, () => board.draw('orders'));

describe('what requests meet', () => {
  it('is nothing while nothing is set', () => {
    expect(createFaultBoard(1).draw('orders')).toEqual({ delayMs: 0, effect: undefined });
    expect(boardWith('hang').draw('users')).toEqual({ delayMs: 0, effect: undefined });
  });

  it('hits the share of requests that the rate says', () => {
    const hits = drawMany(boardWith('status:503@30%'), 2_000).filter(({ effect }) => effect !== undefined);
    expect(hits.length / 2_000).toBeCloseTo(0.3, 1);
  });

  it('is the same in every run, also after setting the same again', () => {
    const board = boardWith('status:503@30%', 'latency:1ms-9ms');
    const first = drawMany(board, 100);
    expect(drawMany(board, 100)).not.toEqual(first);
    board.set('orders', ['status:503@30%', 'latency:1ms-9ms']);
    expect(drawMany(board, 100)).toEqual(first);
  });

  it('adds delays up, and is the first of the others that hits', () => {
    const board = boardWith('latency:100ms', 'status:503', 'hang', 'latency:20ms');
    expect(board.draw('orders')).toEqual({ delayMs: 120, effect: { mode: 'status', status: 503 } });
  });

  it('goes on to the next when the first does not hit', () => {
    const modes = drawMany(boardWith('reset@50%', 'malformed'), 200).map(({ effect }) => effect?.mode);
    expect(new Set(modes)).toEqual(new Set(['reset', 'malformed']));
  });
});

describe('delays', () => {
  it('between two bounds stay there and fill the space', () => {
    const delays = drawMany(boardWith('latency:100ms-800ms'), 2_000).map(({ delayMs }) => delayMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(800);
    expect(delays.reduce((sum, delay) => sum + delay, 0) / 2_000).toBeCloseTo(450, -2);
  });

  it('by percentiles have these percentiles', () => {
    const delays = drawMany(boardWith('latency:p50=20ms,p99=900ms'), 5_000).map(({ delayMs }) => delayMs);
    const shareAbove = (ms: number): number => delays.filter((delay) => delay > ms).length / delays.length;
    expect(shareAbove(20)).toBeCloseTo(0.5, 1);
    expect(shareAbove(900)).toBeCloseTo(0.01, 2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(3_600);
  });
});

describe('setting faults', () => {
  it('replaces those of the services named, and leaves the others', () => {
    const board = boardWith('hang');
    board.setAll({ users: ['reset'], reviews: ['status:500'] });
    board.set('users', 'malformed');
    expect(board.list()).toMatchObject({ orders: ['hang'], users: ['malformed'], reviews: ['status:500'] });
    expect(board.list().pricing).toEqual([]);
  });

  it('changes nothing when one of them is wrong', () => {
    const board = boardWith('hang');
    expect(() => board.setAll({ orders: ['reset'], users: ['slow'] })).toThrow('unknown fault "slow"');
    expect(board.list().orders).toEqual(['hang']);
  });

  it('is undone for one service or for all', () => {
    const board = boardWith('hang');
    board.set('users', 'reset');
    board.clear('users');
    expect(board.list()).toMatchObject({ orders: ['hang'], users: [] });
    board.clear();
    expect(board.list().orders).toEqual([]);
    expect(() => board.clear('payments')).toThrow('unknown service "payments"');
  });
});
