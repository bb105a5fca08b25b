import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

export type Env = Readonly<Record<string, string | undefined>>
export type CliConfig = ReturnType<typeof loadConfig>

/** What the command reads of its surroundings. */
export function loadConfig(env: Env) {
  return {
    url: env.EASEL_URL || undefined,
    apiKey: env.EASEL_API_KEY || undefined,
    configFile: join(absolute(env.XDG_CONFIG_HOME) ?? join(homedir(), '.config'), 'easel', 'config.json'),
    /** Compiled code is kept here, out of other people's reach. */
    cacheDirectory: join(absolute(env.XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'easel'),
    /** Of a standalone. */
    home: env.EASEL_HOME || '.easel',
    noColor: Boolean(env.NO_COLOR) || env.TERM === 'dumb',
    /** Where the person is; `pnpm easel` itself runs in the root of the repository. */
    startedIn: env.npm_lifecycle_event === 'easel' ? env.INIT_CWD : undefined,
    /** The pnpm that runs us, as a command. */
    pnpm: env.npm_execpath?.includes('pnpm') ? commandOf(env.npm_execpath) : undefined,
  }
}

/** Relative ones are to be ignored (XDG Base Directory Specification). */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}

function commandOf(path: string): string[] {
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path]
}
