import { Option } from 'commander'
import type { Program } from './context.ts'
import type { RunOptions } from '../run/run-options.ts'
import { collect, integer, parseFileInput, parseSetting, parseSize, wholeNumber } from '../run/values.ts'

export function addRun({ root, act }: Program): void {
  root
    .command('run')
    .summary('run a workflow and fetch what it makes')
    .description(
      'Runs a workflow: a file in API format, a picture or video that ComfyUI made, "-" for stdin, or the id of a kept workflow. Follows the job and saves its outputs.',
    )
    .argument('<workflow>', 'file or workflow id')
    .option(
      '-s, --set <node.input=value>',
      'set an input: JSON when it parses, else text (repeatable)',
      collect(parseSetting),
    )
    .option(
      '-i, --image <node.input=file>',
      'upload a file as an input, or asset:<id> (repeatable)',
      collect(parseFileInput),
    )
    .option('-o, --output <dir>', 'where outputs are saved', '.')
    .option(
      '-n, --count <n>',
      'run it n times, seeds counted up by one',
      wholeNumber('--count', { min: 1, max: 1_000 }),
      1,
    )
    .option('--name <name>', 'what the job is called')
    .option('--session <id>', 'the session it belongs to')
    .option('--pool <name>', 'run it on this pool of workers')
    .addOption(
      new Option('--priority <priority>', 'normal when left out').choices(['interactive', 'normal', 'bulk']),
    )
    .option(
      '--rank <n>',
      'order among your own jobs of one priority, the higher first',
      integer('--rank', { min: -100, max: 100 }),
    )
    .option('--label <label>', 'only on a worker with this label (repeatable)', collect(String))
    .option('--min-vram <size>', 'only on a GPU with so much memory, as in 24GiB', parseSize('--min-vram'))
    .option('--environment <digest>', 'only on a worker with exactly this environment')
    .addOption(
      new Option(
        '--missing-models <what>',
        'when no worker has a model that it names: refuse it, wait for it, or fetch the model',
      ).choices(['refuse', 'wait', 'fetch']),
    )
    .option('--at <n>', 'a version of a kept workflow', wholeNumber('--at', { min: 1, max: 1e9 }))
    .option('--previews', 'save previews too')
    .option('--no-wait', 'only submit')
    .option(
      '--timeout <seconds>',
      'wait so long at most; the job goes on',
      wholeNumber('--timeout', { min: 1, max: 1e7 }),
    )
    .addHelpText('after', examples)
    .action(
      act(async (context, workflow: string, options: RunOptions) => {
        const { runWorkflow } = await import('../run/run-workflow.ts')
        return runWorkflow(context, workflow, options)
      }),
    )
}

const examples = `
Examples:
  easel run portrait.json
  easel run portrait.json --set 3.seed=42 --set "6.text=a castle at dawn" -o out
  easel run edit.json --image 12.image=photo.png
  easel run portrait.json -n 4                  four pictures, seeds counted up
  easel run ComfyUI_00001_.png --set 3.steps=30  again, from a picture
  easel run video.json --missing-models fetch   what it lacks is downloaded first
  easel run 0193… --json | jq -r '.files[].path'

Exit codes: 0 done, 1 failed, 2 refused, 124 timed out, 130 canceled.`
