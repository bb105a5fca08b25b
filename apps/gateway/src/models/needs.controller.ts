import { CheckNeeds, NeedsView } from '@easel/contracts'
import { stringifyJson } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import { sourceMs } from './models.controller.ts'
import { FetchedNeeds, FetchNeeds } from './needs.messages.ts'
import type { ModelWish, NeedView } from '@easel/contracts'
import type { Call, Controller, Route } from '../http/route.ts'

/** What a workflow wants of the library. */
@Injectable()
export class NeedsController implements Controller {
  readonly area = 'models'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/models/needs',
      access: 'models:read',
      summary: 'Say which model files a workflow names, which are here, and where to get the others',
      body: CheckNeeds,
      answer: NeedsView,
      reasons: ['WORKFLOW_INVALID'],
      handle: ({ body, actor }) => this.services.needs.check(body, { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'POST',
      path: '/models/needs/fetch',
      access: 'models:write',
      summary: 'Fetch the model files that a workflow names and the library lacks, as one download',
      description:
        'Takes what is `available`, from its first source. What is `ambiguous` wants a decision: ask for it with `POST /api/downloads`. Answers 200 when there is nothing to fetch.',
      body: FetchNeeds,
      answer: FetchedNeeds,
      status: 202,
      creates: true,
      reasons: ['WORKFLOW_INVALID', 'SPACE_NOT_FOUND', 'DISK_FULL', 'MODEL_GATED', 'SOURCE_UNAVAILABLE'],
      handle: (call) => this.#fetch(call),
    }),
  ]

  constructor(private readonly services: Services) {}

  async #fetch({ body, actor, chosen }: Call<FetchNeeds>): Promise<FetchedNeeds> {
    const { workflow, offline, names, spaceId, priority } = body
    const options = { actor, timeoutMs: sourceMs }
    const needs = await this.services.needs.check({ workflow, ...(offline && { offline }) }, options)
    const missing = needs.files.filter(({ state }) => state !== 'present' && state !== 'downloading')
    const wanted = missing.filter((need) => canFetch(need) && (names?.includes(need.name) ?? true))
    const unfetched = missing.filter((need) => !wanted.includes(need)).map(({ name }) => name)
    if (wanted.length === 0) {
      chosen.status = 200
      return { needs, download: null, unfetched }
    }
    const download = await this.services.downloader.createDownload(
      {
        source: 'files',
        files: wishesOf(wanted),
        ...(spaceId !== undefined && { spaceId }),
        ...(priority !== undefined && { priority }),
      },
      options,
    )
    return { needs, download, unfetched }
  }
}

function canFetch({ state, sources }: NeedView): boolean {
  return state === 'available' && sources.length > 0
}

/** Two names may be one file. */
function wishesOf(needs: readonly NeedView[]): ModelWish[] {
  const wishes = needs.flatMap(({ sources: [best] }) => (best ? [best.wish] : []))
  return [...new Map(wishes.map((wish) => [stringifyJson(wish), wish])).values()]
}
