/** The same in the two languages of the documents. */
export type Words = readonly [english: string, chinese: string]

/** What people should know of an error besides its code and text. */
export interface ErrorGuide {
  readonly meaning: Words
  readonly causes: readonly Words[]
  readonly remedy: Words
}
