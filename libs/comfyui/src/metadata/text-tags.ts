/** Key and text, as found in a file, in file order. */
export type TextTag = { key: string; text: string }

/** No tag of a file may be longer; the graphs of big workflows with their UI documents stay below. */
export const maxTagBytes = 32 * 2 ** 20
/** No more steps through chunks, boxes or elements than that, so that a hostile file ends soon. */
export const maxSteps = 20_000
