import type {
  Nothing,
  PutToken,
  sourceTokens,
  TokenList,
  TokenOf,
  TokenSecret,
  TokenView,
} from '@easel/contracts'
import { AppError, requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { SourceTokens } from './source-tokens.ts'

@Injectable()
export class TokensRpc implements Handlers<typeof sourceTokens> {
  constructor(private readonly tokens: SourceTokens) {}

  async listTokens(_input: Nothing, context: CallContext): Promise<TokenList> {
    return { items: await this.tokens.list(requireActor(context)) }
  }

  async putToken({ source, token }: PutToken, context: CallContext): Promise<TokenView> {
    return await this.tokens.put(requireActor(context), source, token)
  }

  async deleteToken({ source }: TokenOf, context: CallContext): Promise<Done> {
    await this.tokens.remove(requireActor(context), source)
    return {}
  }

  async revealToken({ source }: TokenOf, { actor }: CallContext): Promise<TokenSecret> {
    if (actor) throw new AppError('forbidden', 'No person is shown a stored token')
    return { token: (await this.tokens.reveal(source)) ?? null }
  }
}
