/** Runs something for each item, so many at a time; ends with the first failure, when those under way have ended too. */
export async function each<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  run: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failure: { readonly error: unknown } | undefined
  const work = async () => {
    try {
      for (let next = await rest.next(); !next.done && failure === undefined; next = await rest.next()) {
        await run(next.value)
      }
    } catch (error) {
      failure ??= { error }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (failure !== undefined) throw failure.error
}

/** What something makes of each item, in their order; so many are made ahead at a time. */
export async function* mapAhead<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  make: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const ahead: Promise<Result>[] = []
  for (const item of items) {
    const made = make(item)
    // Whoever takes it hears of a failure; until then it is nobody's.
    made.catch(() => undefined)
    ahead.push(made)
    if (ahead.length >= atOnce) yield await (ahead.shift() as Promise<Result>)
  }
  for (const made of ahead) yield await made
}
