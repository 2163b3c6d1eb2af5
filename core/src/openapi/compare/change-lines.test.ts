import { expect, test } from 'vitest';
import { changeLines } from './change-lines.ts';

const change = (operation: string, place: string, what: string, isBreaking = true) => ({
  operation,
  place,
  what,
  isBreaking,
});

test('what happened in many operations and answers is one line', () => {
  const all = ['GET /a', 'GET /b', 'GET /c', 'GET /d'].flatMap((operation) =>
    ['400', '404'].map((status) => change(operation, `answer ${status} docs`, 'is gone')),
  );
  expect(changeLines(all)).toEqual([
    'BREAKS GET /a, GET /b, GET /c and 1 more: answer 400, 404 docs is gone',
  ]);
});

test('what breaks comes first, and other places and changes are lines of their own', () => {
  expect(
    changeLines([
      change('GET /a', '', 'is new', false),
      change('GET /b', 'body a', 'is required now'),
      change('GET /b', 'body b', 'is required now'),
      change('GET /b', 'answer 201', 'is not given any more'),
    ]),
  ).toEqual([
    'BREAKS GET /b: body a is required now',
    'BREAKS GET /b: body b is required now',
    'BREAKS GET /b: answer 201 is not given any more',
    'GET /a is new',
  ]);
});
