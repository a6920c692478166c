"""What a sender of batches takes of a machine: compresses a batch's worth of text, then rests three times as long."""

import gzip
import sys
import time

with open(sys.argv[1], "rb") as file:
    batch = file.read() * 1_000
print("ready", flush=True)
while True:
    start = time.perf_counter()
    gzip.compress(batch, 1)
    time.sleep(3 * (time.perf_counter() - start))
