import { tell, tellError } from '../ui/toasts.tsx'

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    tell(`${what} is copied`)
  } catch (error) {
    tellError(error)
  }
}
