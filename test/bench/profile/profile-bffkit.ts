/**
 * Profiles bffkit under the load of one workload: Node writes a `.cpuprofile` (open it in the
 * browser's developer tools), and the functions that used most time themselves are listed.
 *
 * @module
 */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bffkitName, contenders } from '../contenders/index.ts';
import type { Laboratory } from '../lab/laboratory.ts';
import { type MeasureSettings, requireEqualAnswers } from '../measure.ts';
import type { Workload } from '../work/workloads.ts';
import { type CpuProfile, formatSelfTimes, selfTimes } from './self-times.ts';

const sampleMicros = 250;

/** Runs warm-up and as much load as a comparison would; returns the text to show. */
export async function profileBffkit(
  laboratory: Laboratory,
  workload: Workload,
  settings: MeasureSettings,
): Promise<string> {
  const loadMs = settings.rounds * settings.sliceMs;
  const contender = contenders.find(({ name }) => name === bffkitName);
  if (contender === undefined) throw new Error(`there is no contender '${bffkitName}'`);
  const folder = await mkdtemp(join(tmpdir(), `bffkit-profile-${workload.name}-`));
  const gateway = await laboratory.startGateway(contender, [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-interval=${sampleMicros}`,
  ]);
  try {
    await requireEqualAnswers(laboratory, workload, [gateway]);
    await laboratory.aim(gateway, workload);
    await laboratory.load({ count: settings.warmUpRequests, durationMs: settings.warmUpMs });
    await laboratory.load({ durationMs: loadMs });
  } finally {
    await gateway.process.stop(); // Node writes the profile when the process ends
  }
  const [file] = await readdir(folder);
  if (file === undefined) throw new Error(`no profile was written into ${folder}`);
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  return `${workload.name}: ${join(folder, file)}\n\n${formatSelfTimes(selfTimes(profile, loadMs), 30)}\n`;
}
