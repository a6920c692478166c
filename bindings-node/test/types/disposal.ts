/**
 * Ends clients and queues with `using`, which TypeScript has from 5.2 on.
 */

import { Client } from 'hogwire';

export async function disposal(): Promise<void> {
  await using client = new Client('phc_x');
  await using queue = client.queue();
  using other = client.queue();
  void [queue, other];
}
