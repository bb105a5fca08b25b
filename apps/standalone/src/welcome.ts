import type { Standalone } from './app.ts'

export function printWelcome(easel: Standalone, tookMs: number): void {
  const lines = [
    '',
    `  Easel is ready at ${easel.url} (${(tookMs / 1_000).toFixed(1)} s)`,
    '',
    `  API reference   ${easel.url}/api/docs`,
    `  ComfyUI         ${easel.comfy.simulated ? 'none found: the built-in SIMULATOR paints placeholders' : easel.comfy.urls.join(', ')}`,
    `  Everything is kept in ${easel.home}`,
  ]
  if (easel.credentials.fresh) {
    lines.push(
      '',
      '  This is the first start. These are shown only now (and kept in credentials.json there):',
      `    admin      ${easel.credentials.adminEmail}`,
      `    password   ${easel.credentials.adminPassword}`,
      `    API key    ${easel.credentials.apiKey}`,
    )
  }
  lines.push('', '  Ctrl-C stops it.', '')
  process.stdout.write(`${lines.join('\n')}\n`)
}
