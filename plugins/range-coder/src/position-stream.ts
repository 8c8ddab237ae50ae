/** What is known of a stream of positions before it is read. */
export interface PositionStream {
  /** Places of the whole tensor. */
  readonly length: number;
  /** Places of a row; 1 or more. The tensor's last row may be shorter. */
  readonly rowLength: number;
  /** The gap symbol that passes over as many zeros, without a value; 1..255. */
  readonly skip: number;
  /** The probability to start from, 1..255 of 256. */
  readonly first: number;
}
