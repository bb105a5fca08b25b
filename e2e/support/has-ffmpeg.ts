import { spawnSync } from 'node:child_process'

/** Without it neither the simulator makes films and sounds, nor the gallery looks into them. */
export function hasFfmpeg(): boolean {
  return spawnSync('ffmpeg', ['-version']).status === 0
}
