/** How the command that ran wants the process to end. */
export interface Outcome {
  code: number
}
