const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' }

/** `Firefox on Linux`, as far as the header tells. */
export function browserOf(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl|node)/.exec(agent)?.[1]
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1]
  const words = [browser, system].flatMap((word) => (word === undefined ? [] : [names[word] ?? word]))
  return words.length === 0 ? agent.slice(0, 60) || 'Unknown' : words.join(' on ')
}

export const isPhone = (agent: string): boolean => /Android|iPhone|iPad|Mobile/.test(agent)
