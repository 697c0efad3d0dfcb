import { drive } from './drive.ts'
import { answerJobs } from './worker.ts'

/** Process that sends load. */
answerJobs(drive)
