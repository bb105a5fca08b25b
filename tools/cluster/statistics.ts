/** The value below which this share of all lie; undefined of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/**
 * Jain's index of fairness: 1 when all got the same, 1/n when one got all. Of nobody, or of nothing for anybody, it
 * is 1: nobody was treated worse than another.
 */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share ** 2, 0)
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares)
}

/**
 * What each would get if all that there is were shared so that nobody could get more without another, who has no more
 * than him, getting less (max-min fairness): who wants little gets it all, the rest is shared evenly.
 */
export function fairShares(wants: readonly number[], available: number): number[] {
  const shares = wants.map(() => 0)
  const ascending = wants.map((_, index) => index).sort((a, b) => wants[a]! - wants[b]!)
  let left = available
  for (const [place, index] of ascending.entries()) {
    shares[index] = Math.min(wants[index]!, left / (wants.length - place))
    left -= shares[index]
  }
  return shares
}

/** Jain's index of what users got, each measured by what was fairly his. Who wanted nothing does not count. */
export function fairness(users: readonly { wanted: number; got: number }[]): number {
  const asking = users.filter(({ wanted }) => wanted > 0)
  const got = asking.reduce((sum, user) => sum + user.got, 0)
  const fair = fairShares(
    asking.map(({ wanted }) => wanted),
    got,
  )
  return jain(asking.map((user, index) => (fair[index]! > 0 ? user.got / fair[index]! : 1)))
}
