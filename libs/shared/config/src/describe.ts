import { listSettings } from './read-config.ts'
import type { Reader, Setting } from './reader.ts'

/** The help text of all settings that `build` reads: for `--help` and the documentation. */
export function describeConfig(build: (read: Reader) => unknown): string {
  return listSettings(build).map(describe).join('\n')
}

function describe(setting: Setting): string {
  const facts = [setting.rule]
  if (setting.required) facts.push('required')
  if (setting.default !== undefined)
    facts.push(`default: ${setting.default === '' ? 'empty' : setting.default}`)
  if (setting.secret) facts.push('secret')
  const help = setting.help === '' ? '' : `    ${setting.help}\n`
  return `${setting.name}\n${help}    (${facts.join('; ')})\n`
}
