import type { CheckNeeds, needs, NeedsView, Resolved, ResolveModels } from '@easel/contracts'
import { AppError, requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import type { ResolveService } from './resolve.service.ts'

export class NeedsRpc implements Handlers<typeof needs> {
  constructor(private readonly resolving: ResolveService) {}

  async check(_input: CheckNeeds, _context: CallContext): Promise<NeedsView> {
    throw new AppError('unavailable', 'Not yet')
  }

  async resolve({ wishes }: ResolveModels, context: CallContext): Promise<Resolved> {
    requireActor(context)
    return this.resolving.resolve(wishes)
  }
}
