import {
  DuplicatePage,
  ExternalFile,
  FamilyList,
  FindExternal,
  FolderTable,
  GetTriggerWords,
  HeaderView,
  LibraryFileView,
  LinkFile,
  ListDuplicates,
  ListMisplaced,
  MisplacedPage,
  MoveFile,
  ReadRemoteHeader,
  SidecarOutcomes,
  TriggerWords,
  WriteSidecars,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import { idOf } from '../workflows/workflows.controller.ts'
import type { Controller, Route } from '../http/route.ts'

/** A server elsewhere is asked, or many files are written. */
const slowMs = 60_000

/** What keeps a library in order. */
@Injectable()
export class LibraryCareController implements Controller {
  readonly area = 'library'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/library/duplicates',
      access: 'models:read',
      summary: 'List contents that lie more than once on the disk, the most wasteful first',
      query: ListDuplicates,
      answer: DuplicatePage,
      handle: ({ query, actor }) => this.services.libraryCare.listDuplicates(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/misplaced',
      access: 'models:read',
      summary: 'List files whose header says that they belong into another folder',
      query: ListMisplaced,
      answer: MisplacedPage,
      handle: ({ query, actor }) => this.services.libraryCare.listMisplaced(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/files/:id/move',
      access: 'admin',
      summary: 'Rename a file inside the models folder; without a path: to where it belongs',
      body: MoveFile,
      hidden: ['id'],
      given: idOf,
      optionalBody: true,
      answer: LibraryFileView,
      reasons: [
        'FILE_NOT_FOUND',
        'FILE_EXISTS',
        'FILE_CHANGED',
        'PATH_INVALID',
        'ROOT_READ_ONLY',
        'OTHER_FILESYSTEM',
        'NO_MODELS_DIRECTORY',
      ],
      handle: ({ body, actor }) => this.services.libraryCare.moveFile(body, { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/link',
      access: 'admin',
      summary: 'Say which model a file is, where its hash does not; without a model the link is taken away',
      body: LinkFile,
      answer: LibraryFileView,
      reasons: ['FILE_NOT_FOUND'],
      handle: ({ body, actor }) => this.services.libraryCare.linkFile(body, { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/sidecars',
      access: 'admin',
      summary: 'Write beside model files what is known of them; beside all, unless some are named',
      body: WriteSidecars,
      optionalBody: true,
      answer: SidecarOutcomes,
      reasons: ['SIDECARS_OFF', 'NO_MODELS_DIRECTORY'],
      handle: ({ body, actor }) =>
        this.services.libraryCare.writeSidecars(body, { actor, timeoutMs: slowMs }),
    }),
    route({
      method: 'GET',
      path: '/library/trigger-words',
      access: 'models:read',
      summary: 'Get the trigger words of a file (`fileId`) or of a version (`source` and `versionId`)',
      query: GetTriggerWords,
      answer: TriggerWords,
      reasons: ['FILE_NOT_FOUND', 'VERSION_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.libraryCare.getTriggerWords(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/external',
      // It tells a path of the server's machine.
      access: 'admin',
      summary: 'Find a file in InvokeAI’s database by hash, else by where it came from, else by name',
      query: FindExternal,
      answer: ExternalFile,
      reasons: ['EXTERNAL_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.libraryCare.findExternal(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/headers',
      access: 'models:write',
      summary: 'Read the header of a model file at a URL, by a request or two for a part of it',
      body: ReadRemoteHeader,
      answer: HeaderView,
      reasons: [
        'URL_FORBIDDEN',
        'URL_UNREACHABLE',
        'RANGES_UNSUPPORTED',
        'SAFETENSORS_INVALID',
        'GGUF_INVALID',
        'FORMAT_UNKNOWN',
      ],
      handle: ({ body, actor }) =>
        this.services.libraryCare.readRemoteHeader(body, { actor, timeoutMs: slowMs }),
    }),
    route({
      method: 'GET',
      path: '/library/families',
      access: 'models:read',
      summary: 'List the families of models that are told apart',
      answer: FamilyList,
      handle: ({ actor }) => this.services.libraryCare.listFamilies({}, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/folders',
      access: 'models:read',
      summary: 'Say into which folder a model of each type goes',
      answer: FolderTable,
      handle: ({ actor }) => this.services.libraryCare.listTypeFolders({}, { actor }),
    }),
  ]

  constructor(private readonly services: Services) {}
}
