/**
 * Everything a Prometheus should know about a BFF: its seven key metrics, its objectives, and its problems.
 *
 * @module
 */
import type { BffGraph } from '../graph.ts';
import { keyMetricRules } from './key-metric-rules.ts';
import { objectivesOf } from './objectives.ts';
import { problemRules } from './problem-rules.ts';
import { type RuleFile, spans } from './rule-file.ts';
import { degradedRules, sloRules } from './slo-rules.ts';

/** @param scale Makes every window shorter by this factor, for tests that cannot wait for hours. Default 1. */
export function rulesOf(
  { name, owner, endpoints }: Pick<BffGraph, 'name' | 'owner' | 'endpoints'>,
  scale = 1,
): RuleFile {
  const span = spans(scale);
  const objectives = objectivesOf({ name, owner, endpoints });
  return {
    groups: [
      keyMetricRules(name, owner, span),
      ...(objectives.length === 0 ? [] : [degradedRules(name, span)]),
      ...objectives.flatMap((objective) => sloRules(objective, span)),
      problemRules(name, owner, span),
    ],
  };
}
