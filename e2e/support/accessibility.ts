import axe from 'axe-core'
import type { Page } from 'playwright-core'

type Finding = { impact: string; id: string; nodes: { html: string }[] }

/** What axe finds serious or critical in a page as it is now. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return await page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    ).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id} ${nodes[0]!.html.slice(0, 160)}`)
  })
}
