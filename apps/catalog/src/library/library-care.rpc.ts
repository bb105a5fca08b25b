import type {
  DuplicatePage,
  ExternalFile,
  FamilyList,
  FindExternal,
  FolderTable,
  GetTriggerWords,
  HeaderView,
  libraryCare,
  LibraryFileView,
  LinkFile,
  ListDuplicates,
  ListMisplaced,
  MisplacedPage,
  MoveFile,
  Nothing,
  ReadRemoteHeader,
  SidecarOutcomes,
  TriggerWords,
  WriteSidecars,
} from '@easel/contracts'
import type { GuardedHttp } from '@easel/http'
import { AppError, notFound, requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import type { ExternalService } from '../external/external.service.ts'
import { families } from '../families/families.ts'
import type { CareService } from './care.service.ts'
import { toFileView } from './file-view.ts'
import { readRemoteHeader } from './remote-header.ts'
import type { TypeFolders } from './type-folders.ts'

export type LibraryCareParts = {
  care: CareService
  external: ExternalService | undefined
  folders: TypeFolders
  http: GuardedHttp
}

export class LibraryCareRpc implements Handlers<typeof libraryCare> {
  private readonly parts: LibraryCareParts

  constructor(parts: LibraryCareParts) {
    this.parts = parts
  }

  getTriggerWords(input: GetTriggerWords, context: CallContext): Promise<TriggerWords> {
    requireActor(context)
    return this.parts.care.triggerWords(input)
  }

  listDuplicates({ cursor, limit }: ListDuplicates, context: CallContext): Promise<DuplicatePage> {
    requireActor(context)
    return this.parts.care.listDuplicates(cursor, limit)
  }

  listMisplaced({ cursor, limit }: ListMisplaced, context: CallContext): Promise<MisplacedPage> {
    requireActor(context)
    return this.parts.care.listMisplaced(cursor, limit)
  }

  async moveFile(input: MoveFile, context: CallContext): Promise<LibraryFileView> {
    return toFileView(await this.parts.care.moveFile(requireActor(context), input))
  }

  async linkFile(input: LinkFile, context: CallContext): Promise<LibraryFileView> {
    return toFileView(await this.parts.care.linkFile(requireActor(context), input))
  }

  async writeSidecars(input: WriteSidecars, context: CallContext): Promise<SidecarOutcomes> {
    return await this.parts.care.writeSidecars(requireActor(context), input)
  }

  /** Asked by the downloader, too, when it works for nobody in particular. */
  async findExternal(input: FindExternal): Promise<ExternalFile> {
    if (!this.parts.external) throw notFound('file elsewhere', 'EXTERNAL_NOT_FOUND')
    return await this.parts.external.find(input)
  }

  readRemoteHeader({ url }: ReadRemoteHeader, context: CallContext): Promise<HeaderView> {
    requireNoViewer(context)
    return readRemoteHeader(this.parts.http, url)
  }

  async listFamilies(_input: Nothing, context: CallContext): Promise<FamilyList> {
    requireActor(context)
    return {
      items: families.map(({ id, name, kind, civitaiBaseModels, loraFamilies }) => ({
        id,
        name,
        kind,
        civitaiBaseModels: [...civitaiBaseModels],
        loraFamilies: [...loraFamilies],
      })),
    }
  }

  async listTypeFolders(_input: Nothing, context: CallContext): Promise<FolderTable> {
    requireActor(context)
    return { items: this.parts.folders.list() }
  }
}

function requireNoViewer(context: CallContext): void {
  if (requireActor(context).role === 'viewer') {
    throw new AppError('forbidden', 'Viewers may look at the library but not change it')
  }
}
