const FOR_EVER_MS = 2 ** 31 - 1

/** Keeps the process alive until a promise that the application waits for is settled; the SDK's timers do not. */
export async function keepAlive<Result>(promise: Promise<Result>): Promise<Result> {
  const handle = setInterval(() => undefined, FOR_EVER_MS)
  try {
    return await promise
  } finally {
    clearInterval(handle)
  }
}
