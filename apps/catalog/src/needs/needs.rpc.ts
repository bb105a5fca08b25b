import type { CheckNeeds, needs, NeedsView, Resolved, ResolveModels } from '@easel/contracts'
import { requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import type { CheckService } from './check.service.ts'
import type { ResolveService } from './resolve.service.ts'

export class NeedsRpc implements Handlers<typeof needs> {
  constructor(
    private readonly checking: CheckService,
    private readonly resolving: ResolveService,
  ) {}

  async check(input: CheckNeeds, context: CallContext): Promise<NeedsView> {
    return this.checking.check(requireActor(context), input)
  }

  async resolve({ wishes }: ResolveModels, context: CallContext): Promise<Resolved> {
    requireActor(context)
    return this.resolving.resolve(wishes)
  }
}
