import axe from 'axe-core'
import type { Page } from 'playwright-core'

type Impact = 'minor' | 'moderate' | 'serious' | 'critical'
type Finding = { impact: Impact; id: string; nodes: { html: string }[] }

const serious: readonly Impact[] = ['serious', 'critical']
/** Also what is out of order: headings, landmarks. */
export const anyFault: readonly Impact[] = ['moderate', ...serious]

/** What axe finds serious or critical in a page as it is now. */
export async function accessibilityFaults(page: Page, impacts = serious): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate<Finding[]>('axe.run().then(({ violations }) => violations)')
  return found
    .filter(({ impact }) => impacts.includes(impact))
    .map(({ id, nodes }) => `${id} ${nodes[0]!.html.slice(0, 160)}`)
}
