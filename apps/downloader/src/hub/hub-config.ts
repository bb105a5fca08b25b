import { hubConfig } from '@easel/config'
import type { Reader } from '@easel/config'
import type { HubConfig } from './open-hub.ts'

export function hubSettings(read: Reader): HubConfig {
  return {
    store: hubConfig(read),
    recentMs: read.duration('EASEL_HUB_RECENT', {
      default: '10m',
      help: 'What was used since then is not evicted.',
    }),
    namelessMs: read.duration('EASEL_HUB_KEEP', {
      default: '720h',
      help: 'How long contents are kept that no name leads to any more.',
    }),
    sweepMs: read.duration('EASEL_HUB_SWEEP', {
      default: '10m',
      help: 'How often files and rows of the hub are compared.',
    }),
    verifyBytesPerSecond: read.bytes('EASEL_HUB_VERIFY_RATE', {
      default: '32MiB',
      help: 'How much of the hub is read again in a second to verify it; 0 is none.',
    }),
    verifyMaxAgeMs: read.duration('EASEL_HUB_VERIFY_AGE', {
      default: '720h',
      help: 'Contents whose last check is older are verified again.',
    }),
  }
}
