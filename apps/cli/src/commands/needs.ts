import type { NeedsOptions } from '../models/needs-options.ts'
import type { Program } from './context.ts'

export function addNeeds({ root, act }: Program): void {
  root
    .command('needs')
    .summary('say which model files a workflow lacks, and fetch them')
    .description(
      'Say which model files a workflow names, which are in the library, and where to get the others.',
    )
    .argument('<file>', 'a workflow in either format, a picture that carries one, or - for stdin')
    .option('--fetch', 'download what is missing and can be had')
    .option('--only <name...>', 'with --fetch: of these')
    .option('--offline', 'ask nobody elsewhere')
    .option('--no-wait', 'with --fetch: only ask for it')
    .addHelpText('after', examples)
    .action(
      act(async (context, file: string, options: NeedsOptions) => {
        const { checkNeeds } = await import('../models/check-needs.ts')
        return checkNeeds(context, file, options)
      }),
    )
}

const examples = `
Exit codes: 0 all are here (at the end), 1 some are not.

Examples:
  easel needs workflow.json
  easel needs workflow.json --fetch && easel run workflow.json
  easel needs ComfyUI_00001_.png --json | jq '.files[] | select(.state != "present") | .name'`
