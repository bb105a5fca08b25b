import { defineFact, defineService, Done, query, rpc } from '@easel/protocol'
import { ById } from '../page.ts'
import {
  AssetChanged,
  AssetContent,
  AssetDetail,
  AssetPage,
  AssetStats,
  AssetView,
  ResolvedAssets,
} from './asset-view.messages.ts'
import {
  AssetScope,
  CreateAsset,
  GetThumbnail,
  ListAssets,
  ResolveAssets,
  UpdateAsset,
} from './asset.messages.ts'
import { CreateSession, ListSessions, SessionPage, SessionView, UpdateSession } from './session.messages.ts'

export const gallery = defineService('gallery', 1, {
  createAsset: rpc(CreateAsset, AssetView, ['SPACE_NOT_FOUND', 'SESSION_NOT_FOUND', 'ASSET_REFUSED']),
  listAssets: query(ListAssets, AssetPage, ['SPACE_NOT_FOUND']),
  getAsset: query(ById, AssetDetail, ['ASSET_NOT_FOUND']),
  getAssetContent: query(ById, AssetContent, ['ASSET_NOT_FOUND']),
  /** Makes the thumbnail when it is not there yet. */
  getThumbnail: rpc(GetThumbnail, AssetContent, ['ASSET_NOT_FOUND', 'NO_THUMBNAIL']),
  updateAsset: rpc(UpdateAsset, AssetView, ['ASSET_NOT_FOUND', 'SESSION_NOT_FOUND']),
  deleteAsset: rpc(ById, Done, ['ASSET_NOT_FOUND']),
  /** All of them, or `ASSET_NOT_FOUND`: what a job takes as its inputs. */
  resolveAssets: query(ResolveAssets, ResolvedAssets, ['ASSET_NOT_FOUND']),
  /** Those of them that are there and may be seen. */
  findAssets: query(ResolveAssets, ResolvedAssets),
  getAssetStats: query(AssetScope, AssetStats, ['SPACE_NOT_FOUND']),
  createSession: rpc(CreateSession, SessionView, ['SPACE_NOT_FOUND', 'DRAFT_TOO_LARGE']),
  listSessions: query(ListSessions, SessionPage, ['SPACE_NOT_FOUND']),
  getSession: query(ById, SessionView, ['SESSION_NOT_FOUND']),
  updateSession: rpc(UpdateSession, SessionView, ['SESSION_NOT_FOUND', 'STALE', 'DRAFT_TOO_LARGE']),
  deleteSession: rpc(ById, Done, ['SESSION_NOT_FOUND']),
})

export const assetChanged = defineFact('gallery.asset.changed', 1, AssetChanged)
