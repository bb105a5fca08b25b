import type { Program } from './context.ts'

export function addUp({ root, act }: Program): void {
  root
    .command('up')
    .summary('start Easel here, all in one process')
    .description(
      'Starts the standalone of this repository in the foreground, as `pnpm start` does; Ctrl-C stops it.',
    )
    .addHelpText('after', '\nExamples:\n  easel up\n  EASEL_PORT=9000 easel up')
    .action(
      act(async (context) => {
        const { startStandalone } = await import('../standalone/start-standalone.ts')
        return startStandalone(context)
      }),
    )
}
