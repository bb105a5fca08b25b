import { defineFact } from '@easel/protocol'
import { AccessChanged } from './access.messages.ts'

export const accessChanged = defineFact('gateway.access.changed', 1, AccessChanged)
