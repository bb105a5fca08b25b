import type { Program } from './context.ts'

export function addLogin({ root, act }: Program): void {
  root
    .command('login')
    .summary('sign in and keep it')
    .description(
      'Signs in with e-mail address and password, or with an API key, and keeps a key for later calls. The password is asked for, or read from stdin when that is a pipe.',
    )
    .option('--email <address>', 'asked for when left out')
    .option('--key <key>', 'an API key, instead of a password; "-" reads it from stdin')
    .addHelpText('after', examples)
    .action(
      act(async (context, options: { email?: string; key?: string }) => {
        const { logIn } = await import('../target/log-in.ts')
        await logIn(context, options)
      }),
    )
  root
    .command('logout')
    .summary('forget a saved login')
    .description('Forgets a saved login, and revokes its key when `easel login` made it.')
    .action(
      act(async (context) => {
        const { logOut } = await import('../target/log-in.ts')
        await logOut(context)
      }),
    )
  root
    .command('whoami')
    .summary('say who you are, and where')
    .description('Says which server is called, and as whom.')
    .action(
      act(async (context) => {
        const { url } = await context.target()
        const me = await (await context.api()).auth.me()
        if (context.out.json) return context.out.printJson({ url, ...me })
        context.out.facts([
          ['server', url],
          ['e-mail', me.email],
          ['name', me.name],
          ['role', me.role],
          ['spaces', me.spaces.map(({ slug, role }) => `${slug} (${role})`).join(', ')],
          ['scopes', me.scopes.join(' ')],
        ])
      }),
    )
  root
    .command('remotes')
    .summary('list saved logins')
    .description('Lists the servers that a login is saved for.')
    .action(
      act(async (context) => {
        const { listRemotes } = await import('../target/log-in.ts')
        await listRemotes(context)
      }),
    )
}

const examples = `
Examples:
  easel login --email admin@easel.local
  easel login --url https://easel.example.org --remote studio --email me@example.org
  easel login --key esl_…
  pass show easel | easel login --email me@example.org
  easel --remote studio jobs list`
